import type { Listener } from "../model/gateway.ts";
import { type ArrivingRequest, type BackendRoute, isBackendRoute, type Router } from "./request-route.ts";
import type { Route } from "./routes.ts";

/** Requests that clients of a route may make, or why none can be told. */
export type RepresentativeClients =
  /** One for every host name of the listener that really leads here, as few as the names allow. */
  | { readonly known: true; readonly clients: readonly [ArrivingRequest, ...ArrivingRequest[]] }
  | { readonly known: false; readonly why: NoRepresentative };

export type NoRepresentative =
  /** It redirects, or leads nowhere. */
  | "no-backend"
  /** The listener is of layer 4, or its port is not among the documents. */
  | "no-http-port"
  /** Servers get the client's host, the listener takes any, and no name of the gateway is among the documents. */
  | "host-unknown"
  /** No host and path that were tried lead here: others come first and take them all, as far as was tried. */
  | "not-reached";

/** What stands for `*` in a host name, in the order in which it is tried. */
const labels = ["www", "app", "causeway", "x"];

/** What is put behind a prefix, in the order in which it is tried. */
const tails = ["", "index.html", "causeway", "x", "0"];

/** Azure allows 5 host names in a listener; documents may be wrong. */
const triedHosts = 16;
const triedPatterns = 16;

/** `GET` requests that really take this route, made up from its listener and its patterns. */
export function clientsOf(route: Route, router: Router): RepresentativeClients {
  const { listener } = route;
  if (!isBackendRoute(route)) return { known: false, why: "no-backend" };
  const door = listener && doorOf(listener);
  if (listener === undefined || door === undefined) return { known: false, why: "no-http-port" };
  const names = hostNamesOf(listener, route, router);
  if (names.length === 0) return { known: false, why: "host-unknown" };
  const paths = pathsFor(route, router);
  const leadsHere = (client: ArrivingRequest): boolean => router.routeOf(client).route === route;
  const clients = names.slice(0, triedHosts).flatMap((name) => {
    const hosts = [...new Set(labels.map((label) => concrete(name, label)))];
    const tried = hosts.flatMap((host) =>
      paths.map((path): ArrivingRequest => ({ ...door, host: withPort(host, door), path, method: "GET" })),
    );
    return tried.find(leadsHere) ?? [];
  });
  const [first, ...others] = clients;
  if (first === undefined) return { known: false, why: "not-reached" };
  return { known: true, clients: [first, ...others] };
}

type ListenerDoor = Pick<ArrivingRequest, "scheme" | "port" | "frontend">;

function doorOf({ protocol, frontendPort, frontendIpConfiguration }: Listener): ListenerDoor | undefined {
  const port = frontendPort?.target?.port;
  if (port === undefined || (protocol !== "Http" && protocol !== "Https")) return undefined;
  return { scheme: protocol === "Https" ? "https" : "http", port, frontend: frontendIpConfiguration?.id };
}

/**
 * A listener that names no host is asked for by the name of the gateway's public address. Where the setting gives servers
 * a host of its own, the client's does not matter: then any will do, best one by which the gateway is really reached.
 */
function hostNamesOf(
  { hostNames, frontendIpConfiguration }: Listener,
  { pair }: BackendRoute,
  { gateway }: Router,
): readonly string[] {
  if (hostNames.length > 0) return hostNames;
  const frontend = frontendIpConfiguration?.target;
  const publicAddress = frontend?.publicIpAddress?.target;
  if (publicAddress?.fqdn !== undefined) return [publicAddress.fqdn];
  const { hostName, pickHostNameFromBackendAddress } = pair.setting;
  if (hostName === undefined && !pickHostNameFromBackendAddress) return [];
  return [frontend?.privateIpAddress ?? publicAddress?.ipAddress ?? `${gateway.name.toLowerCase()}.invalid`];
}

function concrete(name: string, label: string): string {
  return name.replaceAll("*", label).replaceAll("?", label.slice(0, 1));
}

function withPort(host: string, { scheme, port }: ListenerDoor): string {
  return port === (scheme === "https" ? 443 : 80) ? host : `${host}:${port}`;
}

/** Paths that may lead to a route, likely ones first; which of them do is seen by asking. */
function pathsFor({ pathRule }: Route, { gateway }: Router): readonly string[] {
  const prefixes =
    pathRule === undefined || pathRule === "default"
      ? ["/*"]
      : pathRule.paths.filter((pattern) => pattern.startsWith("/")).slice(0, triedPatterns);
  const texts = prefixes.flatMap((pattern) =>
    pattern.endsWith("*") ? tails.map((tail) => pattern.slice(0, -1) + tail) : [pattern],
  );
  return [...new Set(gateway.generation === "v1" ? texts.filter(isPlain) : texts.map(escaped))];
}

/** v1 does not decode: a pattern with bytes that no request target holds is never matched. */
function isPlain(path: string): boolean {
  return escaped(path.replaceAll("%", "")) === path.replaceAll("%", "");
}

/** The path that is `path` once it is decoded (RFC 3986 §2.1). */
function escaped(path: string): string {
  return path.replace(/[^!$&-;=@-Z_a-z~]+/g, (run) =>
    [...Buffer.from(run, "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}
