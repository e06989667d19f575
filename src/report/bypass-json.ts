import type { ExchangePlan } from "../model/exchange-plan.ts";
import { plainJson } from "../model/plain-json.ts";
import type { BypassEnd, BypassReport, BypassServerEnds } from "./bypass-report.ts";
import { headerDifference, latencyOf, noServerClause } from "./content/bypass.ts";

/**
 * `causeway bypass --format json`: `causeway/bypass/v1`, published as `schema/bypass.v1.schema.json`. What is not known is
 * `null`, never absent. Ends with a newline.
 */
export function bypassJson(report: BypassReport): string {
  const { gateway, taken, verdict, servers } = report;
  const { id, name, sku, generation } = gateway;
  const value = {
    format: "causeway/bypass/v1",
    gateway: { id, name, sku: sku.name, generation },
    request: {
      method: report.method,
      url: report.url,
      fields: report.fields,
      tries: report.tries,
      unsafe: report.unsafe,
    },
    route: taken.route?.id,
    noServer: taken.to === "backend" ? undefined : { why: taken.why, says: noServerClause(taken) },
    verdict,
    next: report.next,
    through: {
      via: report.via,
      certificateFaults: report.certificate,
      latency: latencyOf(report.through),
      tries: report.through.map(tryJson),
    },
    servers: servers.map((server) => serverJson(server, report)),
  };
  return `${plainJson(JSON.stringify(value, (_, inner) => (inner === undefined ? null : inner), 2))}\n`;
}

function serverJson({ server, place, plan, notSent, ends, ownHost }: BypassServerEnds, report: BypassReport) {
  return {
    address: server.address,
    place,
    sent: plan && sentJson(plan),
    notSent,
    latency: latencyOf(ends),
    tries: ends.map(tryJson),
    ownHost: ownHost && { host: ownHost.observation.sent.host, try: tryJson(ownHost) },
    headers: headerDifference(report.through, ends),
  };
}

function sentJson({ protocol, port, method, path, host, sni }: ExchangePlan) {
  return { protocol, port, method, path: path?.replace(/\?.*$/s, "?"), host, sni };
}

function tryJson({ observation, judged }: BypassEnd) {
  const { startedAtMs, tcp, http } = observation;
  const { answer, kind, status, madeBy, maker, says } = judged;
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    connectedTo: tcp && { address: tcp.address, port: tcp.port },
    answer,
    kind,
    status,
    madeBy,
    maker,
    says,
    firstByteMs: http?.firstByteMs,
    completeMs: http?.completeMs,
  };
}
