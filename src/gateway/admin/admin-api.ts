import { plainJson } from "../../model/plain-json.ts";
import type { MemberView } from "../balance/balancer.ts";
import type { AdminState } from "../balance/member.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { recordJson } from "../explain/record-json.ts";
import type { BackendHealthReport } from "../health/backend-health.ts";
import type { InvalidResponse } from "../upstream/invalid-response.ts";
import type { ActivityReport } from "./activity-report.ts";
import { invalidJson } from "./invalid-json.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What the admin port tells of, and does. */
export interface AdminSources {
  /** Undefined = ready; otherwise what is still waited for, in words. */
  readonly waitingFor: () => string | undefined;
  readonly members: () => readonly MemberView[];
  readonly backendHealth: () => BackendHealthReport;
  /** In the Prometheus text format. */
  readonly metrics: () => string | Promise<string>;
  /** Route by route and server by server, for `causeway top`. */
  readonly activity: () => ActivityReport | Promise<ActivityReport>;
  /** Undefined = nothing is known of it. */
  readonly recordOf: (transactionId: string) => ExchangeRecord | undefined;
  /** The JSON of `diagnose` for the route it took; null = it took none. */
  readonly diagnosisOf: (record: ExchangeRecord) => unknown;
  /** The last of each server. */
  readonly invalidResponses: () => readonly InvalidResponse[];
  /** The gateway's document as it is served. */
  readonly configuration: () => unknown;
  /** False = there is no such server. */
  readonly setAdmin: (pairId: string, address: string, admin: AdminState) => boolean;
}

export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const wishes: Readonly<Record<string, AdminState>> = {
  drain: "draining",
  disable: "disabled",
  enable: "enabled",
};

/** Answers one request of the admin port. `path` without its query. */
export async function answerAdmin(sources: AdminSources, method: string, path: string): Promise<AdminAnswer> {
  const parts = partsOf(path);
  if (parts === undefined) return said(400, "the path is not encoded as paths are");
  if (parts[0] === "servers") return changeServer(sources, method, parts);
  if (method !== "GET" && method !== "HEAD") return said(405, `only GET is answered for ${path}`);
  if (parts[0] === "explain" && parts.length === 2) return explained(sources, parts[1] ?? "");
  const [name = ""] = parts;
  const page = parts.length === 1 && Object.hasOwn(pages, name) ? pages[name] : undefined;
  return page === undefined ? said(404, `there is no ${path}; ${known}`) : page(sources);
}

const pages: Readonly<Record<string, (sources: AdminSources) => AdminAnswer | Promise<AdminAnswer>>> = {
  healthz: () => said(200, "alive"),
  readyz: ({ waitingFor }) => {
    const wait = waitingFor();
    return wait === undefined ? said(200, "ready") : said(503, wait);
  },
  metrics: async ({ metrics }) => ({
    status: 200,
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    body: await metrics(),
  }),
  activity: async ({ activity }) => json(await activity()),
  health: ({ members }) => json(members().map(memberJson)),
  backendhealth: ({ backendHealth }) => json(backendHealth()),
  errors: ({ invalidResponses }) => json(invalidResponses().map(invalidJson)),
  config: ({ configuration }) => json(withoutSecrets(configuration())),
};

const known = `try /${[...Object.keys(pages), "explain/TRANSACTION-ID"].join(", /")}`;

function explained({ recordOf, diagnosisOf }: AdminSources, transactionId: string): AdminAnswer {
  if (!/^[0-9a-f]{32}$/i.test(transactionId)) return said(400, "a transaction id has 32 hexadecimal digits");
  const record = recordOf(transactionId);
  if (record === undefined) {
    return said(
      404,
      `nothing is kept of ${transactionId}: it went well, is older than the failures that are kept, or was not served by this process`,
    );
  }
  return json({
    format: "causeway/explain/v1",
    record: recordJson(record),
    diagnosis: diagnosisOf(record) ?? null,
  });
}

function changeServer({ setAdmin }: AdminSources, method: string, parts: readonly string[]): AdminAnswer {
  const [, pair = "", address = "", wish = ""] = parts;
  const admin = Object.hasOwn(wishes, wish) ? wishes[wish] : undefined;
  if (parts.length !== 4 || admin === undefined) {
    return said(404, `expected /servers/POOL~SETTING/ADDRESS/${Object.keys(wishes).join("|")}`);
  }
  if (method !== "POST") return said(405, "servers are changed with POST");
  return setAdmin(pair, address, admin)
    ? said(200, `${address} of ${pair} is ${admin}`)
    : said(404, `there is no server ${address} of ${pair}`);
}

function memberJson(view: MemberView): Readonly<Record<string, unknown>> {
  const { pair, server, admin, removed, inService, aside, busy, entry, says } = view;
  const state = entry?.state;
  return {
    pair: pair.id,
    address: server.address ?? null,
    up: state?.up ?? false,
    inService,
    admin,
    removed,
    aside,
    busy,
    says,
    cause: entry?.cause ?? null,
    failuresInRow: state?.failuresInRow ?? 0,
    lastProbe: state?.last === undefined ? null : withTime(state.last),
    changes: (state?.changes ?? []).map(withTime),
  };
}

function withTime<T extends { readonly atMs: number }>({
  atMs,
  ...rest
}: T): Readonly<Record<string, unknown>> {
  return { at: new Date(atMs).toISOString(), ...rest };
}

/** Undefined when a part is not encoded as URLs are. */
function partsOf(path: string): readonly string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function json(value: unknown): AdminAnswer {
  return {
    status: 200,
    contentType: "application/json",
    body: `${plainJson(JSON.stringify(value, null, 2))}\n`,
  };
}

function said(status: number, words: string): AdminAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${plainJson(words)}\n` };
}
