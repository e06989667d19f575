import type { ProbePlan } from "../../health/probe-plan.ts";
import { formatStatusRanges } from "../../health/status-match.ts";
import type { NotSentWhy, ProbePlans, ProbeShown } from "../probe-report.ts";

const notSent: Readonly<Record<NotSentWhy, string>> = {
  "address-unknown":
    "its address is not known: the network interface it is joined by is not among the documents",
  "port-unknown": "neither its probe nor its backend setting has a port",
  "host-rejected": "its probe takes the host name from a backend setting that has none, which Azure refuses",
  "host-unknown": "the host name of its probe is not known",
  "not-writable": "the host name or path of its probe cannot stand in a request",
  "port-not-mapped": "--backend maps its server for other ports only",
  interrupted: "it was interrupted",
};

/** Why a probe was not sent, as a clause. */
export function notSentSays(why: NotSentWhy): string {
  return notSent[why];
}

const noServer: Readonly<Record<ProbePlans["withoutServer"][number]["why"], string>> = {
  redirect: "it redirects, so no server is probed for it",
  "nothing-behind": "its backend pool or its backend setting is missing",
  "pool-empty": "its backend pool has no servers",
};

/** Why nothing is probed for a route, as a clause. */
export function noServerSays(why: ProbePlans["withoutServer"][number]["why"]): string {
  return noServer[why];
}

/** `10.0.2.4:8080`; a server whose address is not known by the name of what it is joined by. */
export function placeOfProbe({ server, plan }: ProbeShown): string {
  const { address, member } = server;
  const port = plan.port.value === undefined ? "" : `:${plan.port.value}`;
  if (address === undefined) return `${member.ipConfiguration?.id ?? "a server of unknown address"}${port}`;
  return `${address.includes(":") ? `[${address}]` : address}${port}`;
}

/** `Http GET /health, Host shop.contoso.com, no SNI, within 30 s` */
export function requestOf({ protocol, host, path, sni, timeoutS }: ProbePlan): string {
  const tls = protocol === "Https" || protocol === "Tls";
  const layer7 = protocol === "Http" || protocol === "Https";
  return [
    layer7 ? `${protocol} GET ${path.value ?? "/"}` : `a ${protocol} connection`,
    ...(layer7 ? [`Host ${host.value ?? "not known"}`] : []),
    ...(tls ? [sni.value === undefined ? "no SNI" : `SNI ${sni.value}`] : []),
    `within ${timeoutS} s`,
  ].join(", ");
}

/** `status 200-399` or `a connection`: what counts as healthy. */
export function healthyWhen({ protocol, healthyStatuses, healthyBody }: ProbePlan): string {
  if (protocol === "Tcp") return "a connection";
  if (protocol === "Tls") return "a connection and a TLS handshake";
  const text = healthyBody.value ? ` and a body with "${healthyBody.value}" in it` : "";
  return `status ${formatStatusRanges(healthyStatuses.value)}${text}`;
}

/** Ids of all routes a probe is for. */
export function routesOfProbe({ pairs }: ProbeShown): string[] {
  return [...new Set(pairs.flatMap(({ routes }) => routes.map(({ id }) => id)))];
}
