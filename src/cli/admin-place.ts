import type { AdminPlace } from "../gateway/admin/admin-server.ts";

/** Where `causeway top` looks unless told, and what the help gives as an example for `run`. */
export const usualAdminPlace: AdminPlace = { host: "127.0.0.1", port: 9090 };

const loopback: ReadonlyMap<string, "127.0.0.1" | "::1"> = new Map([
  ["127.0.0.1", "127.0.0.1"],
  ["localhost", "127.0.0.1"],
  ["[::1]", "::1"],
]);

/** `[ADDRESS:]PORT` of this machine, or `unix:PATH`; undefined = neither. */
export function adminPlaceFrom(text: string): AdminPlace | undefined {
  const socket = /^unix:(.+)$/s.exec(text)?.[1];
  if (socket !== undefined) return { socket };
  const [, address = "127.0.0.1", digits = ""] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  const host = loopback.get(address.toLowerCase());
  const port = Number(digits);
  return digits !== "" && host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** `opened`: the port that the system chose. */
export function adminPlaceWords(place: AdminPlace, opened?: number): string {
  if ("socket" in place) return place.socket;
  const host = place.host === "::1" ? "[::1]" : place.host;
  return `${host}:${opened ?? place.port}`;
}
