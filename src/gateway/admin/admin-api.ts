import { plainJson } from "../../model/plain-json.ts";
import type { MemberView } from "../balance/balancer.ts";
import type { AdminState } from "../balance/member.ts";
import type { KeptExchange } from "../explain/kept-exchange.ts";
import { recordJson } from "../explain/record-json.ts";
import { fewestDigits, isTransactionStart, mostFound } from "../explain/transaction-start.ts";
import type { BackendHealthReport } from "../health/backend-health.ts";
import type { InvalidResponse } from "../upstream/invalid-response.ts";
import type { ActivityReport } from "./activity-report.ts";
import { invalidJson } from "./invalid-json.ts";
import { memberState } from "./member-state.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What the admin port tells of, and does. */
export interface AdminSources {
  /** Undefined = ready; otherwise what is still waited for, in words. */
  readonly waitingFor: () => Promise<string | undefined>;
  readonly members: () => Promise<readonly MemberView[]>;
  readonly backendHealth: () => Promise<BackendHealthReport>;
  /** The last probe of every server as it went, as a recording. */
  readonly observations: () => string;
  /** In the Prometheus text format. */
  readonly metrics: () => Promise<string>;
  /** Route by route and server by server, for `causeway top`. */
  readonly activity: () => Promise<ActivityReport>;
  /** What is kept of exchanges whose transaction id begins so, or a few of them. */
  readonly recordsOf: (start: string) => Promise<readonly KeptExchange[]>;
  /** The JSON of `diagnose` for the route it took; null = it took none, a text = why there is none. */
  readonly diagnosisOf: (record: KeptExchange) => Promise<unknown>;
  /** What became of it, and the same for people, as `diagnose` prints it. */
  readonly wordsOn: (record: KeptExchange) => Promise<string>;
  /** The same after experiments on the servers; undefined = others are being made. */
  readonly experimentOn: (record: KeptExchange, mode: ExperimentMode) => Promise<unknown> | undefined;
  /** The last of each server. */
  readonly invalidResponses: () => Promise<readonly InvalidResponse[]>;
  /** The gateway's document as it is served. */
  readonly configuration: () => unknown;
  /** False = there is no such server. */
  readonly setAdmin: (pairId: string, address: string, admin: AdminState) => Promise<boolean>;
  /** Reads the files again. */
  readonly reload: () => Promise<AdminReload>;
}

/** 200: what it changed; 422: the documents cannot be served; 409: this machine does not let it. */
export type AdminReload =
  | { readonly status: 200; readonly changes: readonly string[] }
  | { readonly status: 409 | 422; readonly why: string };

export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `safe`: only GET, HEAD and OPTIONS to where probes and requests go anyway. */
export type ExperimentMode = "safe" | "all";

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
  if (path === "/reload") return reloaded(sources, method);
  if (parts[0] === "explain" && parts.length === 3 && parts[2] !== "text")
    return experimented(sources, method, parts);
  if (method !== "GET" && method !== "HEAD") return said(405, `only GET is answered for ${path}`);
  if (parts[0] === "explain" && parts.length === 2) return explained(sources, parts[1] ?? "");
  if (parts[0] === "explain" && parts[2] === "text") return explainedInWords(sources, parts[1] ?? "");
  const [name = ""] = parts;
  const page = parts.length === 1 && Object.hasOwn(pages, name) ? pages[name] : undefined;
  return page === undefined ? said(404, `there is no ${path}; ${known}`) : page(sources);
}

const pages: Readonly<Record<string, (sources: AdminSources) => AdminAnswer | Promise<AdminAnswer>>> = {
  healthz: () => said(200, "alive"),
  readyz: async ({ waitingFor }) => {
    const wait = await waitingFor();
    return wait === undefined ? said(200, "ready") : said(503, wait);
  },
  metrics: async ({ metrics }) => ({
    status: 200,
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    body: await metrics(),
  }),
  activity: async ({ activity }) => json(await activity()),
  health: async ({ members }) => json((await members()).map(memberJson)),
  backendhealth: async ({ backendHealth }) => json(await backendHealth()),
  observations: ({ observations }) => ({
    status: 200,
    contentType: "application/x-ndjson",
    body: observations(),
  }),
  errors: async ({ invalidResponses }) => json((await invalidResponses()).map(invalidJson)),
  config: ({ configuration }) => json(withoutSecrets(configuration())),
};

const known = `try /${[...Object.keys(pages), "explain/TRANSACTION-ID"].join(", /")}`;

async function explained(
  { recordsOf, diagnosisOf }: AdminSources,
  transactionId: string,
): Promise<AdminAnswer> {
  const record = await keptRecord(recordsOf, transactionId);
  return "body" in record ? record : explanation(record, (await diagnosisOf(record)) ?? null);
}

async function explainedInWords(
  { recordsOf, wordsOn }: AdminSources,
  transactionId: string,
): Promise<AdminAnswer> {
  const record = await keptRecord(recordsOf, transactionId);
  return "body" in record ? record : said(200, (await wordsOn(record)).trimEnd());
}

async function experimented(
  { recordsOf, experimentOn }: AdminSources,
  method: string,
  [, transactionId = "", mode = ""]: readonly string[],
): Promise<AdminAnswer> {
  if (mode !== "safe" && mode !== "all")
    return said(404, "expected /explain/TRANSACTION-ID, or with /text, /safe or /all");
  if (method !== "POST") return said(405, "experiments are made with POST");
  const record = await keptRecord(recordsOf, transactionId);
  if ("body" in record) return record;
  const made = experimentOn(record, mode);
  return made === undefined
    ? said(409, "other experiments are being made")
    : explanation(record, (await made) ?? null);
}

async function keptRecord(
  recordsOf: AdminSources["recordsOf"],
  start: string,
): Promise<KeptExchange | AdminAnswer> {
  if (!isTransactionStart(start))
    return said(
      400,
      `a transaction id has 32 hexadecimal digits; the first ${fewestDigits} will do where only one begins so`,
    );
  const [kept, ...others] = await recordsOf(start);
  if (kept === undefined)
    return said(
      404,
      `nothing is kept of ${start}: it went well, is older than the failures that are kept, or was not served by this process`,
    );
  if (others.length === 0) return kept;
  const ids = [kept, ...others].slice(0, mostFound).map(({ transactionId }) => transactionId);
  return said(409, `several begin with ${start}, such as ${ids.join(", ")}`);
}

function explanation(record: KeptExchange, diagnosis: unknown): AdminAnswer {
  return json({
    format: "causeway/explain/v1",
    record: recordJson(record),
    ...(typeof diagnosis === "string" ? { diagnosis: null, noDiagnosis: diagnosis } : { diagnosis }),
  });
}

async function reloaded({ reload }: AdminSources, method: string): Promise<AdminAnswer> {
  if (method !== "POST") return said(405, "the files are read again with POST");
  const outcome = await reload();
  if (outcome.status === 200) return json({ served: true, changes: outcome.changes });
  return { ...json({ served: false, why: outcome.why }), status: outcome.status };
}

async function changeServer(
  { setAdmin }: AdminSources,
  method: string,
  parts: readonly string[],
): Promise<AdminAnswer> {
  const [, pair = "", address = "", wish = ""] = parts;
  const admin = Object.hasOwn(wishes, wish) ? wishes[wish] : undefined;
  if (parts.length !== 4 || admin === undefined) {
    return said(404, `expected /servers/POOL~SETTING/ADDRESS/${Object.keys(wishes).join("|")}`);
  }
  if (method !== "POST") return said(405, "servers are changed with POST");
  return (await setAdmin(pair, address, admin))
    ? said(200, `${address} of ${pair} is ${admin}`)
    : said(404, `there is no server ${address} of ${pair}`);
}

function memberJson(view: MemberView): Readonly<Record<string, unknown>> {
  const state = view.entry?.state;
  return {
    ...memberState(view),
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

/** Words may repeat what the path or a document says, and are looked at on terminals. */
function said(status: number, words: string): AdminAnswer {
  const plain = words.replace(
    /[^\P{Cc}\n]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { status, contentType: "text/plain; charset=utf-8", body: `${plainJson(plain)}\n` };
}
