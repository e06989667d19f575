import { isIP, isIPv6 } from "node:net";
import { BackendMappings, type MappingFault, parseBackendMapping } from "../../probe/backend-mapping.ts";

/** Where a port of the gateway is listened for, as `--listen [FRONTEND:]PORT=[ADDRESS:]PORT` says. */
export interface ListenMapping {
  /** Name of a frontend IP configuration; undefined = whichever has the port. */
  readonly frontend: string | undefined;
  readonly port: number;
  /** Undefined = the address of the call. */
  readonly host: string | undefined;
  /** 0 = one that is free. */
  readonly toPort: number;
}

/** A certificate for a listener or an `sslCertificates` entry, as `--certificate NAME=FILE[,KEYFILE]` says. */
export interface CertificateFile {
  readonly name: string;
  readonly file: string;
  readonly keyFile: string | undefined;
}

/** `--resolve NAME=IP[,IP...]` */
export interface ResolvedName {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** A pool all of whose members are reached at one place: `--backend pool/NAME=ADDRESS[:PORT]`. */
export interface PoolMapping {
  readonly pool: string;
  readonly address: string;
  /** Undefined = the port of the setting. */
  readonly toPort: number | undefined;
}

export interface BackendOptions {
  readonly members: BackendMappings;
  readonly pools: readonly PoolMapping[];
}

/** Why a text is not what the option takes, as a clause. */
export type Fault = MappingFault;

const listenShape = "[FRONTEND:]PORT=[ADDRESS:]PORT";

/** Reads `443=8443`, `443=0.0.0.0:8443`, `private:443=127.0.0.2:443`, `443=[::1]:8443`. */
export function parseListen(text: string): ListenMapping | Fault {
  const sides = text.split("=");
  const [left = "", right = ""] = sides;
  if (sides.length !== 2) return { fault: `expected ${listenShape} with one "=", not "${text}"` };
  const from = /^(?:(.+):)?(\d{1,5})$/.exec(left);
  const port = portIn(from?.[2], 1);
  if (from === null || port === undefined) {
    return { fault: `expected a port of the gateway from 1 to 65535 before "=", not "${left}"` };
  }
  const to = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(right);
  const toPort = portIn(to?.[3], 0);
  if (to === null || toPort === undefined) {
    return { fault: `expected a port of this machine, or address:port, after "=", not "${right}"` };
  }
  const host = to[1] ?? to[2];
  if (host !== undefined && (isIP(host) === 0 || (to[1] !== undefined) !== isIPv6(host))) {
    return { fault: `expected an IP address of this machine after "=", not "${host}"` };
  }
  return { frontend: from[1], port, host, toPort };
}

function portIn(text: string | undefined, least: number): number | undefined {
  const port = Number(text ?? Number.NaN);
  return port >= least && port <= 65_535 ? port : undefined;
}

/** Reads `site=site.pfx` and `site=site.pem,site.key`. */
export function parseCertificate(text: string): CertificateFile | Fault {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0));
  const [file = "", keyFile, ...others] = text.slice(at + 1).split(",");
  if (at < 1 || file === "" || keyFile === "" || others.length > 0) {
    return { fault: `expected NAME=FILE or NAME=FILE,KEYFILE, not "${text}"` };
  }
  return { name, file, keyFile };
}

/** Reads `app.internal=127.0.0.1` and `app.internal=127.0.0.1,127.0.0.2`. */
export function parseResolve(text: string): ResolvedName | Fault {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0)).toLowerCase().replace(/\.$/, "");
  const addresses = text.slice(at + 1).split(",");
  if (at < 1 || !/^[\w.-]+$/.test(name) || isIP(name) !== 0) {
    return { fault: `expected NAME=IP with a host name before "=", not "${text}"` };
  }
  const wrong = addresses.find((address) => isIP(address) === 0);
  if (wrong !== undefined) return { fault: `expected an IP address after "=", not "${wrong}"` };
  return { name, addresses };
}

/** Reads all `--backend` of a call: members, and pools as `pool/NAME`. */
export function parseBackends(texts: readonly string[]): BackendOptions | Fault {
  const pools = new Map<string, PoolMapping>();
  const members = [];
  for (const text of texts) {
    const pool = /^pool\/([^=]+)=(.*)$/.exec(text);
    // A member of this name stands for the pool: the right side is read the same way.
    const mapping = parseBackendMapping(pool === null ? text : `pool=${pool[2] ?? ""}`);
    if ("fault" in mapping) return mapping;
    if (pool === null) {
      members.push(mapping);
      continue;
    }
    const name = pool[1] as string;
    if (pools.has(name.toLowerCase())) return { fault: `expected one place for the pool ${name}, not two` };
    pools.set(name.toLowerCase(), { pool: name, address: mapping.address, toPort: mapping.toPort });
  }
  const all = BackendMappings.of(members);
  return "fault" in all ? all : { members: all, pools: [...pools.values()] };
}
