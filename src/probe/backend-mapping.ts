import { isIP, isIPv4, isIPv6, SocketAddress } from "node:net";

/** A pool member that is reached at another address, as `--backend MEMBER[:PORT]=ADDRESS[:PORT]` says. */
export interface BackendMapping {
  /** As it was written, without brackets. */
  readonly member: string;
  /** The port of the plan that it holds for; undefined = all. */
  readonly port: number | undefined;
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  /** Undefined = the port of the plan. */
  readonly toPort: number | undefined;
}

/** Why a text is no mapping, as a clause that says what was expected. */
export interface MappingFault {
  readonly fault: string;
}

/** Where a member is to be reached. */
export interface MappedPlace {
  readonly address: string;
  readonly port: number;
}

const shape = "MEMBER[:PORT]=ADDRESS[:PORT]";

/** Reads `app.contoso.com=127.0.0.2`, `10.0.1.4:443=127.0.0.2:8443`, `[fd00::4]:80=[::1]:8080`. */
export function parseBackendMapping(text: string): BackendMapping | MappingFault {
  const sides = text.split("=");
  const [left = "", right = ""] = sides;
  if (sides.length !== 2) return { fault: `expected ${shape} with one "=", not "${text}"` };
  const from = placeFrom(left, "member");
  if ("fault" in from) return from;
  const to = placeFrom(right, "address");
  if ("fault" in to) return to;
  if (isIP(to.host) === 0) {
    return { fault: `expected an IP address after "=", not "${to.host}": members are mapped to addresses` };
  }
  return { member: from.host, port: from.port, address: to.host, toPort: to.port };
}

interface Place {
  readonly host: string;
  readonly port: number | undefined;
}

function placeFrom(text: string, what: "member" | "address"): Place | MappingFault {
  const where = what === "member" ? 'before "="' : 'after "="';
  if (text === "")
    return { fault: `expected ${what === "member" ? "a pool member" : "an address"} ${where}` };
  if (isIPv6(text)) return { fault: `expected IPv6 in brackets ${where}: [${text}], not ${text}` };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(.*))?$/.exec(text);
  if (match === null) return { fault: `expected ${what}[:port] ${where}, not "${text}"` };
  const [, bracketed, plain = "", portText] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    return { fault: `expected an IPv6 address in the brackets ${where}, not "${bracketed}"` };
  }
  const host = bracketed ?? plain;
  if (/\s/.test(host)) return { fault: `expected ${what}[:port] without blanks ${where}, not "${text}"` };
  if (portText === undefined) return { host, port: undefined };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65_535)
    return { fault: `expected a port from 1 to 65535 ${where}, not "${portText}"` };
  return { host, port };
}

/** All mappings of a call. */
export class BackendMappings {
  /** By member, then by port. */
  readonly #members = new Map<string, Map<number | undefined, BackendMapping>>();

  private constructor() {}

  /** Fails on a member that is mapped twice for the same port. */
  static of(mappings: readonly BackendMapping[]): BackendMappings | MappingFault {
    const all = new BackendMappings();
    for (const mapping of mappings) {
      const key = memberKey(mapping.member);
      const ports = all.#members.get(key) ?? new Map<number | undefined, BackendMapping>();
      all.#members.set(key, ports);
      const known = ports.get(mapping.port);
      if (known !== undefined && written(known) !== written(mapping)) {
        const ofPort = mapping.port === undefined ? "" : ` port ${mapping.port}`;
        return {
          fault: `expected one place for ${mapping.member}${ofPort}, not both ${written(known)} and ${written(mapping)}`,
        };
      }
      ports.set(mapping.port, mapping);
    }
    return all;
  }

  /** A member that is mapped, in whatever notation, and is none of these; undefined = all are. */
  strangerAmong(members: readonly string[]): string | undefined {
    const known = new Set(members.map(memberKey));
    for (const [key, ports] of this.#members) {
      if (!known.has(key)) return ports.values().next().value?.member;
    }
    return undefined;
  }

  /** A mapping for the port itself comes before one for all. Undefined for members that are not mapped at all. */
  lookup(member: string, port: number): MappedPlace | "port-not-mapped" | undefined {
    const ports = this.#members.get(memberKey(member));
    if (ports === undefined) return undefined;
    const mapping = ports.get(port) ?? ports.get(undefined);
    if (mapping === undefined) return "port-not-mapped";
    return { address: mapping.address, port: mapping.toPort ?? port };
  }
}

/** Equal for the notations of one member: case, the dot of the root, the ways to write an IPv6 address. */
function memberKey(member: string): string {
  if (isIPv4(member)) return member;
  if (isIPv6(member)) return new SocketAddress({ address: member, family: "ipv6" }).address;
  return member.toLowerCase().replace(/\.$/, "");
}

function written({ address, toPort }: BackendMapping): string {
  const host = isIPv6(address) ? `[${address}]` : address;
  return toPort === undefined ? host : `${host}:${toPort}`;
}
