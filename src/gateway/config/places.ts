import type { Gateway } from "../../model/gateway.ts";
import { type BackendOptions, parseBackends } from "./options.ts";
import { type BackendPlaces, PreparationError } from "./prepared.ts";

/** Where the servers of a gateway are reached instead. Throws `PreparationError` for members and pools it does not have. */
export function backendPlaces(gateway: Gateway, { members, pools }: BackendOptions): BackendPlaces {
  const known = gateway.pools.flatMap((pool) => pool.members.flatMap(({ address }) => address ?? []));
  const stranger = members.strangerAmong(known);
  if (stranger !== undefined)
    throw new PreparationError(`--backend: no pool has the member ${stranger}${someOf(known)}`);
  const names = gateway.pools.map(({ name }) => name);
  const byPool = new Map(pools.map((mapping) => [mapping.pool.toLowerCase(), mapping]));
  for (const { pool } of pools) {
    if (!names.some((name) => name.toLowerCase() === pool.toLowerCase())) {
      throw new PreparationError(`--backend: there is no pool ${pool}${someOf(names)}`);
    }
  }
  return {
    placeOf: ({ address, pair }, port) => {
      const own = address === undefined ? undefined : members.lookup(address, port);
      if (own !== undefined && own !== "port-not-mapped") return own;
      const mapping = byPool.get(pair.pool.name.toLowerCase());
      return mapping === undefined ? own : { address: mapping.address, port: mapping.toPort ?? port };
    },
  };
}

/** Nothing is mapped. */
export function noBackends(): BackendOptions {
  const none = parseBackends([]);
  if ("fault" in none) throw new Error(none.fault);
  return none;
}

/** `; there is a, b, c` */
export function someOf(names: readonly (string | number)[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return "";
  return `; there is ${distinct.slice(0, 5).join(", ")}${distinct.length > 5 ? ", …" : ""}`;
}
