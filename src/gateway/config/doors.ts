import type { Gateway, Listener } from "../../model/gateway.ts";
import {
  type BoundListener,
  isLayer4,
  type ListenerGroup,
  listenerGroups,
} from "../../routing/listener-match.ts";
import { doorTls, identitiesOf } from "./door-tls.ts";
import { knownProtocols, unreached } from "./listener-gaps.ts";
import type { ListenMapping } from "./options.ts";
import { someOf } from "./places.ts";
import { type Door, type NotServed, PreparationError } from "./prepared.ts";
import type { CertificateChoices } from "./server-certificate.ts";

export interface DoorOptions {
  /** Address of this machine for doors that no mapping names. */
  readonly host: string;
  readonly listen: readonly ListenMapping[];
  readonly certificates: CertificateChoices;
}

export interface PreparedDoors {
  readonly doors: readonly Door[];
  readonly notServed: readonly NotServed[];
}

/** What each protocol of a listener is called at the door. */
const doorProtocols = { Http: "http", Https: "https", Tcp: "tcp", Tls: "tls" } as const;

/** Every frontend address and port with a listener that can be served. Throws `PreparationError` for ports it does not have. */
export function doorsOf(gateway: Gateway, options: DoorOptions): PreparedDoors {
  const groups = listenerGroups(gateway, (listener) => gateway.generation === "v2" || !isLayer4(listener));
  checkListen(groups, options.listen);
  const notServed: NotServed[] = [];
  const doors: Door[] = [];
  for (const group of groups) {
    const door = doorOf(gateway, group, options, notServed);
    if (door === undefined) continue;
    const same = doors.find(({ host, port }) => port !== 0 && host === door.host && port === door.port);
    if (same === undefined) doors.push(door);
    else notServed.push(taken(door, same));
  }
  return { doors, notServed };
}

function checkListen(groups: readonly ListenerGroup[], listen: readonly ListenMapping[]): void {
  const listeners = groups.flatMap(({ candidates }) =>
    candidates.slice(0, 1).map(({ listener }) => listener),
  );
  const seen = new Map<string, ListenMapping>();
  for (const mapping of listen) {
    if (!listeners.some((listener) => fits(mapping, listener))) {
      const ports = listeners.flatMap(({ frontendPort }) => frontendPort?.target?.port ?? []);
      const of = mapping.frontend === undefined ? "" : ` of the frontend ${mapping.frontend}`;
      throw new PreparationError(
        `--listen: no listener with a rule has the port ${mapping.port}${of}${someOf(ports)}`,
      );
    }
    const key = `${mapping.frontend?.toLowerCase() ?? ""}:${mapping.port}`;
    if (seen.has(key))
      throw new PreparationError(`--listen: the port ${mapping.port} has two places; say one`);
    seen.set(key, mapping);
  }
}

function fits(
  { frontend, port }: ListenMapping,
  { frontendIpConfiguration, frontendPort }: Listener,
): boolean {
  if (frontendPort?.target?.port !== port) return false;
  return (
    frontend === undefined || frontendIpConfiguration?.target?.name.toLowerCase() === frontend.toLowerCase()
  );
}

function doorOf(
  gateway: Gateway,
  group: ListenerGroup,
  options: DoorOptions,
  notServed: NotServed[],
): Door | undefined {
  const candidates = knownProtocols(group.candidates, notServed);
  const first = candidates[0];
  const frontendPort = first?.listener.frontendPort?.target?.port;
  if (first === undefined || frontendPort === undefined) {
    for (const { listener } of candidates) notServed.push(incomplete(listener));
    return undefined;
  }
  const { protocol } = first.listener;
  const same = candidates.filter(({ listener }) => listener.protocol === protocol);
  for (const { listener } of candidates) {
    if (listener.protocol !== protocol) notServed.push(otherProtocol(listener, first.listener));
  }
  const secure = protocol === "Https" || protocol === "Tls";
  const tls = secure ? identitiesOf(gateway, same, options.certificates) : undefined;
  notServed.push(...(tls?.notServed ?? []));
  const [identity, ...identities] = tls?.identities ?? [];
  const served =
    tls === undefined
      ? same
      : same.filter(({ listener }) => tls.identities.some((one) => one.listener === listener));
  const [one, ...others] = served;
  if (one === undefined) return undefined;
  notServed.push(...unreached(served));
  return {
    key: group.key,
    ...placeOf(first.listener, frontendPort, options),
    frontendPort,
    frontend: first.listener.frontendIpConfiguration?.id,
    protocol: doorProtocols[protocol],
    listeners: [one, ...others] satisfies readonly [BoundListener, ...BoundListener[]],
    tls: identity === undefined ? undefined : doorTls(gateway.generation, [identity, ...identities]),
    http2: protocol === "Https" && gateway.enableHttp2,
  };
}

/** A mapping that names the frontend comes before one for the port alone. */
function placeOf(
  listener: Listener,
  frontendPort: number,
  { host, listen }: DoorOptions,
): { host: string; port: number } {
  const fitting = listen.filter((mapping) => fits(mapping, listener));
  const mapping = fitting.find(({ frontend }) => frontend !== undefined) ?? fitting[0];
  return { host: mapping?.host ?? host, port: mapping?.toPort ?? frontendPort };
}

function incomplete(listener: Listener): NotServed {
  const { frontendPort } = listener;
  const why = frontendPort === undefined ? "it has no port" : "its port is not in the configuration";
  return {
    what: "listener-incomplete",
    weight: "hole",
    says: `the listener ${listener.name} is not served: ${why}`,
    instead: "give it a frontend port that the gateway has",
    at: listener.source.at("frontendPort"),
  };
}

function otherProtocol(listener: Listener, first: Listener): NotServed {
  return {
    what: "listener-other-protocol",
    weight: "hole",
    says: `the listener ${listener.name} is not served: it speaks ${listener.protocol} where ${first.name}, which comes first on the same port, speaks ${first.protocol}`,
    instead: "give the two listeners different ports",
    at: listener.source.at("protocol"),
  };
}

function taken(door: Door, same: Door): NotServed {
  const names = door.listeners.map(({ listener }) => listener.name).join(", ");
  const { listener } = door.listeners[0];
  const frontend = listener.frontendIpConfiguration?.target?.name;
  const which = frontend === undefined ? "" : `${frontend}:`;
  return {
    what: "door-taken",
    weight: "hole",
    says: `${names} on ${door.key} cannot be served on ${door.host} port ${door.port}, where ${same.key} is served`,
    instead: `give it a place of its own: --listen ${which}${door.frontendPort}=ADDRESS:PORT`,
    at: listener.source,
  };
}
