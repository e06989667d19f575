import { explainingExchange } from "../../../src/cli/explain-exchange.ts";
import { evidenceOfLog } from "../../../src/cli/logged-evidence.ts";
import type { Case } from "../../../src/diagnosis/case.ts";
import { diagnose } from "../../../src/diagnosis/diagnose.ts";
import { allSteps } from "../../../src/diagnosis/steps.ts";
import { documentOf, readDocuments } from "../../../src/documents/read-documents.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { V1Lines } from "../../../src/gateway/log/v1-lines.ts";
import { V2Lines } from "../../../src/gateway/log/v2-lines.ts";
import { TrustStore } from "../../../src/health/certificates/trust-store.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import { buildModel } from "../../../src/model/build.ts";
import type { LiveExchange, Observations } from "../../../src/model/observations.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { type RoutingWish, routingDocument } from "../../support/routing-gateway.ts";
import { recordWith } from "./record.ts";

export const noonMs = Date.UTC(2026, 5, 1, 12);

/** A gateway of one route with one server, whose log has these rows. */
export async function reading(
  rowsOf: (row: (more: Partial<ExchangeRecord>) => string) => readonly string[],
  wish: Partial<RoutingWish> = {},
  live: readonly LiveExchange[] = [],
) {
  const document = routingDocument({
    listeners: [{ name: "shop", protocol: "Http", to: "app" }],
    members: ["10.0.1.4"],
    ...wish,
  });
  const gatewayJson = documentOf("gw.json", JSON.stringify(document));
  const { gateways } = buildModel(await readDocuments([gatewayJson]));
  const [gateway] = gateways;
  const [route] = gateway === undefined ? [] : wiringOf(gateway).routes;
  if (gateway === undefined || route === undefined) throw new Error("no route");
  const identity = { gatewayId: gateway.id, worker: 1 };
  const lines = gateway.generation === "v1" ? new V1Lines(identity) : new V2Lines(identity);
  const said = { route, listener: route.listener, originalHost: "shop.contoso.com", startedAtMs: noonMs };
  const log = rowsOf((more) => lines.partsOf(recordWith({ ...said, ...more })).join("")).join("");
  const set = await readDocuments([gatewayJson, documentOf("access.ndjson", log)]);
  const observations = { ...set.observations, live };
  const seen = evidenceOfLog(gateway, observations, defaultSwitches);
  return { set, gateway, route, said, seen, own: observations.traffic?.own ?? [] };
}

export type Read = Awaited<ReturnType<typeof reading>>;

/** The causes of what was seen of one exchange. */
export function causesOf(read: Read, seen: readonly LiveExchange[]) {
  const observations = { healthReports: [], traffic: undefined, activities: [], live: [] };
  const kase = caseOf(read, observations);
  const question = { kase, gateway: read.gateway, routeId: read.route.id, seen, exported: observations };
  const { findings } = allSteps(explainingExchange(question));
  return findings.map(({ cause, certainty }) => `${cause} ${certainty}`);
}

/** What `diagnose` says of documents and log. */
export function diagnosed(read: Read) {
  const { gateway, set, seen } = read;
  return diagnose(caseOf(read, { ...set.observations, live: seen }), gateway);
}

function caseOf({ set }: Read, observations: Observations): Case {
  const { records, listedTypes } = set;
  return {
    configuration: { records, listedTypes },
    model: buildModel(set),
    observations,
    switches: defaultSwitches,
    wellKnownRoots: () => new TrustStore([]),
    nowMs: noonMs,
  };
}
