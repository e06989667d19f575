import type { HttpPhase } from "../../model/probe-observation.ts";
import type { RequestRoute } from "../../routing/request-route.ts";
import type { BypassEnd } from "../bypass-report.ts";

/** Fields whose values tell who answered and give nothing away. */
const harmless: ReadonlySet<string> = new Set([
  "age",
  "allow",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-type",
  "retry-after",
  "server",
  "strict-transport-security",
  "vary",
  "via",
  "x-aspnet-version",
  "x-cache",
  "x-powered-by",
]);

/** Different in every answer. */
const fleeting: ReadonlySet<string> = new Set(["date"]);

/** How the headers of two answers differ, by lower-case name in order. */
export interface HeaderDifference {
  readonly onlyThrough: readonly string[];
  readonly onlyStraight: readonly string[];
  readonly different: readonly {
    readonly name: string;
    /** Undefined where the values are not to be shown. */
    readonly values: { readonly through: string; readonly straight: string } | undefined;
  }[];
}

/** Undefined when one of them did not answer. */
export function headerDifference(
  through: readonly BypassEnd[],
  straight: readonly BypassEnd[],
): HeaderDifference | undefined {
  const [one, other] = [fieldsOf(through), fieldsOf(straight)];
  if (one === undefined || other === undefined) return undefined;
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return {
    onlyThrough: names.filter((name) => !other.has(name)),
    onlyStraight: names.filter((name) => !one.has(name)),
    different: names.flatMap((name) => {
      const [a, b] = [one.get(name), other.get(name)];
      if (a === undefined || b === undefined || a === b || fleeting.has(name)) return [];
      return [{ name, values: harmless.has(name) ? { through: a, straight: b } : undefined }];
    }),
  };
}

/** Of the first good answer, or the first there is; repeated fields as one. */
function fieldsOf(ends: readonly BypassEnd[]): Map<string, string> | undefined {
  const answered = ends.filter(({ observation }) => observation.http?.status !== undefined);
  const http = (answered.find(({ judged }) => judged.answer === "fine") ?? answered[0])?.observation.http;
  if (http === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const { name, value } of http.headers) {
    const key = name.toLowerCase();
    const known = fields.get(key);
    fields.set(key, known === undefined ? value : `${known}, ${value}`);
  }
  return fields;
}

/** From the start of an exchange to its end, in milliseconds: the smallest, the median and the largest. */
export interface Latency {
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Of those that were answered; undefined when none was. */
export function latencyOf(ends: readonly BypassEnd[]): Latency | undefined {
  const times = ends
    .flatMap(({ observation }) => answeredMs(observation.http) ?? [])
    .sort((one, other) => one - other);
  const [minMs, medianMs, maxMs] = [times[0], times[(times.length - 1) >> 1], times.at(-1)];
  if (minMs === undefined || medianMs === undefined || maxMs === undefined) return undefined;
  return { minMs, medianMs, maxMs };
}

function answeredMs(http: HttpPhase | undefined): number | undefined {
  return http?.status === undefined ? undefined : (http.completeMs ?? http.endedMs);
}

/** Why a request goes to no server, as a clause; undefined = it does. */
export function noServerClause(taken: RequestRoute): string | undefined {
  if (taken.to === "backend") return undefined;
  const { why, route, status } = taken;
  const name = route?.id ?? "";
  const answer = status === undefined ? "" : ` with ${status}`;
  switch (why) {
    case "no-listener":
      return "the gateway has no listener on that port";
    case "other-scheme":
      return "the listener on that port speaks the other of http and https";
    case "host-not-taken":
      return "no listener on that port takes that host";
    case "redirect":
      return `route ${name} redirects it${answer}`;
    case "no-default":
      return `route ${name} has no default target, so that the gateway answers it itself${answer}`;
    case "nothing-behind":
      return `the backend pool or backend setting of route ${name} is missing`;
    case "frontend-unknown":
      return "several frontends have that port and would not do the same; name the one with --via";
  }
}
