import type { Generation } from "../model/gateway.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { type AnswerMaker, makerOf, productWords } from "./answer-maker.ts";
import { faultBeforeHttp, faultOfHttp, type PhaseFaultKind } from "./phase-faults.ts";
import type { RequestVerdict } from "./request-verdict.ts";

/** One try of a request, through the gateway or straight to a server. */
export interface BypassTry {
  /** `bad`: no valid answer, or an error of the 5xx kind, or one the gateway made; `untold`: not to be told from here. */
  readonly answer: "fine" | "bad" | "untold";
  readonly kind: PhaseFaultKind | "answered";
  readonly status: number | undefined;
  /** Who made the error; undefined = nobody, or not known. */
  readonly madeBy: "gateway" | "backend" | undefined;
  readonly maker: AnswerMaker | undefined;
  readonly says: string;
}

/** What came back through the gateway. */
export function gatewayTry(generation: Generation, observation: ProbeObservation): BypassTry {
  const { http, sent } = observation;
  const nobody = { status: undefined, madeBy: undefined, maker: undefined };
  const early = faultBeforeHttp(observation, undefined);
  if (early !== undefined) return { ...nobody, answer: "untold", kind: early.kind, says: early.says };
  if (http?.status === undefined) {
    const fault = http && faultOfHttp(http, sent.timeoutMs / 1000);
    const says = fault?.says.replace(/^The server\b/, "The gateway") ?? "Nothing was answered.";
    return {
      ...nobody,
      answer: fault?.decided === false ? "untold" : "bad",
      kind: fault?.kind ?? "http-cut",
      says,
    };
  }
  const fault = faultOfHttp(http, sent.timeoutMs / 1000);
  const { status } = http;
  const maker = makerOf(http);
  const madeBy = maker && madeByOf(generation, status, maker);
  const bad = fault?.decided === true || status >= 500 || (status >= 400 && madeBy === "gateway");
  return {
    answer: bad ? "bad" : fault === undefined ? "fine" : "untold",
    kind: fault?.kind ?? "answered",
    status,
    madeBy,
    maker,
    says: fault?.says ?? `The gateway answers ${status}${makerWords(maker)}.`,
  };
}

/** Gateways of v1 answer with the page that comes with IIS, which a server may have too. */
function madeByOf(generation: Generation, status: number, { product, by }: AnswerMaker): BypassTry["madeBy"] {
  if (product === "application-gateway" || product === "causeway") return "gateway";
  if (generation === "v1" && product === "iis" && status >= 500) return undefined;
  return by === "page" ? "backend" : undefined;
}

function makerWords(maker: AnswerMaker | undefined): string {
  if (maker === undefined) return "";
  return maker.by === "page" ? ` with the page of ${productWords(maker.product)}` : "";
}

/** What came back from a server that was asked as the gateway would ask it. */
export function serverTry({ dns, http }: ProbeObservation, verdict: RequestVerdict): BypassTry {
  const { kind, maker, says, outcome } = verdict;
  const status = http?.status;
  const base = { kind, status, maker, says };
  if (outcome === "undecided" || (outcome === "failed" && onlyFromHere(kind, dns))) {
    return { ...base, answer: "untold", madeBy: undefined };
  }
  const bad = outcome === "failed" || (status ?? 0) >= 500;
  return { ...base, answer: bad ? "bad" : "fine", madeBy: bad ? "backend" : undefined };
}

/** The way from this machine is not the gateway's: silence on it, and names asked elsewhere, tell nothing of that. */
function onlyFromHere(kind: RequestVerdict["kind"], dns: ProbeObservation["dns"]): boolean {
  if (kind === "tcp-timed-out" || kind === "tcp-unreachable") return true;
  return kind.startsWith("name-") && dns?.answers.some(({ role }) => role === "gateway") !== true;
}

/**
 * Who made the errors that came through the gateway, once it is known what the servers say themselves: a gateway may
 * stand behind a gateway, and an error without a page is the servers' own when they give it directly too.
 */
export function settleMakers(
  gateway: readonly BypassTry[],
  servers: readonly BypassServer[],
): readonly BypassTry[] {
  const failing = servers.flatMap(({ tries }) => tries).filter(isBad);
  const products = new Set(failing.map(({ maker }) => maker?.product));
  const statuses = new Set(failing.map(({ status }) => status));
  return gateway.map((one) => {
    if (!isBad(one) || one.status === undefined) return one;
    if (one.madeBy === "gateway" && products.has(one.maker?.product)) return { ...one, madeBy: undefined };
    const same = one.madeBy === undefined && one.maker === undefined && statuses.has(one.status);
    return same ? { ...one, madeBy: "backend" } : one;
  });
}

export interface BypassServer {
  /** `10.0.1.4:8080` */
  readonly place: string;
  /** Empty when nothing was sent to it. */
  readonly tries: readonly BypassTry[];
}

export interface BypassVerdict {
  readonly outcome: "backend-fails" | "gateway-only" | "some-servers" | "not-reproduced" | "could-not-tell";
  /** One sentence. */
  readonly says: string;
  readonly failureSeen: boolean;
}

/**
 * Whether it is the backend or the gateway. `unasked` says why servers were not asked straight, as a clause; undefined =
 * they were, or there is none.
 */
export function verdictOfBypass(
  seen: readonly BypassTry[],
  servers: readonly BypassServer[],
  unasked: string | undefined,
): BypassVerdict {
  const told = servers.filter(({ tries }) => tries.some(({ answer }) => answer !== "untold"));
  const bad = told.filter(({ tries }) => tries.some(isBad));
  const gateway = refusedOnlyHere(seen, told);
  const through = {
    bad: gateway.filter(isBad).length,
    asked: gateway.filter(({ answer }) => answer !== "untold").length,
  };
  const failureSeen = through.bad > 0 || bad.length > 0;
  const is = (outcome: BypassVerdict["outcome"], says: string) => ({ outcome, says, failureSeen });
  if (through.asked === 0 && told.length === 0)
    return is("could-not-tell", nothingReached(gateway, servers, unasked));
  const welcomeThere = through.asked > 0 && through.bad === 0;
  if (bad.length > 0 && bad.length === told.length && welcomeThere && everyTry(bad)) {
    const fail =
      servers.length === 1 ? "the server fails" : `${bad.length} of ${servers.length} servers fail`;
    return is(
      "could-not-tell",
      `Could not tell: the gateway gives good answers, while ${fail} when asked from here; ${at(bad[0])}.`,
    );
  }
  if (bad.length > 0 && bad.length < told.length) {
    const names = bad.length === 1 ? "" : `: ${abridgedNames(bad.map(({ place }) => place))}`;
    return is(
      "some-servers",
      `Only some servers fail, ${bad.length} of the ${servers.length}${names}; ${at(bad[0])}.`,
    );
  }
  if (bad.length > 0) return is("backend-fails", backendFails(bad, servers.length, through));
  if (through.bad === 0 && through.asked > 0)
    return is("not-reproduced", notReproduced(gateway.length, told, servers));
  if (through.bad === 0) {
    return is(
      "could-not-tell",
      `Could not tell: the servers answer when asked directly, and the gateway could not be asked; ${clause(gateway[0]?.says ?? "")}.`,
    );
  }
  const times = `${through.bad} of ${through.asked} ${through.asked === 1 ? "try" : "tries"}`;
  if (told.length === 0 || told.length < servers.length) {
    const why = unasked ?? firstUntold(servers);
    return is(
      "could-not-tell",
      `Could not tell: through the gateway ${times} failed, and ${told.length === 0 ? "no server could" : "not every server could"} be asked directly${why === "" ? "" : `; ${why}`}.`,
    );
  }
  return is(
    "gateway-only",
    `Only through the gateway: there ${times} failed${shownStatus(gateway)}, and asked directly ${servers.length === 1 ? "the server answers" : "every server answers"}.`,
  );
}

/** A refusal of the 4xx kind is a failure where every server that was asked directly welcomes the same request. */
function refusedOnlyHere(gateway: readonly BypassTry[], told: readonly BypassServer[]): readonly BypassTry[] {
  const direct = told.flatMap(({ tries }) => tries);
  const welcome =
    direct.length > 0 && direct.every(({ answer, status = 0 }) => answer === "fine" && status < 400);
  if (!welcome) return gateway;
  return gateway.map((one) => ((one.status ?? 0) >= 400 ? { ...one, answer: "bad" as const } : one));
}

const isBad = ({ answer }: BypassTry): boolean => answer === "bad";

const everyTry = (servers: readonly BypassServer[]): boolean =>
  servers.every(({ tries }) => tries.every(isBad));

function backendFails(
  bad: readonly BypassServer[],
  all: number,
  through: { readonly bad: number; readonly asked: number },
): string {
  const too = through.bad > 0 ? " too" : "";
  const who = all === 1 ? `it fails${too}` : `${bad.length} of ${all} servers fail${too}`;
  const rest = bad.length < all ? ", and the others could not be asked" : "";
  const unlike =
    through.asked === 0 ? ", and the gateway could not be asked" : ", though not through the gateway";
  return `The backend itself fails: asked directly ${who}${rest}${through.bad > 0 ? "" : unlike}; ${at(bad[0])}.`;
}

function notReproduced(
  tries: number,
  told: readonly BypassServer[],
  servers: readonly BypassServer[],
): string {
  const direct =
    told.length === servers.length && told.length > 0
      ? "neither through the gateway nor straight to a server"
      : `through the gateway; ${told.length} of ${servers.length} servers could be asked directly`;
  return `Not reproduced in ${tries} ${tries === 1 ? "try" : "tries"}: no request failed, ${direct}.`;
}

function nothingReached(
  gateway: readonly BypassTry[],
  servers: readonly BypassServer[],
  unasked: string | undefined,
): string {
  if (gateway.length === 0) return "Could not tell: nothing was asked before it was interrupted.";
  const why = unasked ?? firstUntold(servers);
  const direct = why === "" ? "" : `, and of the servers: ${why}`;
  return `Could not tell: nothing could be reached from here; of the gateway: ${clause(gateway[0]?.says ?? "")}${direct}.`;
}

function at(server: BypassServer | undefined): string {
  const failing = server?.tries.find(isBad);
  return `at ${server?.place}: ${clause(failing?.says ?? "")}`;
}

function firstUntold(servers: readonly BypassServer[]): string {
  const tries = servers.flatMap((server) => server.tries);
  return clause(tries.find(({ answer }) => answer === "untold")?.says ?? "");
}

function shownStatus(gateway: readonly BypassTry[]): string {
  const failing = gateway.find(isBad);
  if (failing?.status === undefined) return "";
  const page = failing.maker?.by === "page" ? ` (the page of ${productWords(failing.maker.product)})` : "";
  return ` with ${failing.status}${page}`;
}

/** A sentence as part of another. */
function clause(sentence: string): string {
  const text = sentence.replace(/\.$/, "");
  return text.replace(/^(?:The|No|Nothing|This|There|What|It)\b/, (word) => word.toLowerCase());
}

function abridgedNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
