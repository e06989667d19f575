import type { LogSample } from "../../../model/observations.ts";
import type { Decision } from "../../cause.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { evidence } from "../../statements.ts";
import { fewestRows, isDown, leastShare, pathsOf, routesWith, rowsOf, withoutLog } from "../log-evidence.ts";

/**
 * Answers that a server sent with a good status and of which the gateway made a 502: it could not accept what came
 * after the status line.
 */
export interface RefusedAnswers {
  readonly seen: PairTraffic;
  /** The server's status. */
  readonly statuses: readonly number[];
  readonly count: number;
  readonly rows: number;
  readonly paths: readonly string[];
  readonly sample: LogSample | undefined;
}

/** Statuses after which no body may follow (RFC 9110 §6.4.1). */
const withoutBody: ReadonlySet<number> = new Set([204, 304]);

export function refusedBodies(seen: PairTraffic): RefusedAnswers | undefined {
  return refused(seen, (status) => withoutBody.has(status));
}

/** Refused only where people sign in: large cookies fit that better than broken headers. */
export function refusedOnSignIn(seen: PairTraffic): RefusedAnswers | undefined {
  const answers = refusedHeaders(seen);
  return answers !== undefined && onlyOnSignIn(answers) ? answers : undefined;
}

export function refusedElsewhere(seen: PairTraffic): RefusedAnswers | undefined {
  const answers = refusedHeaders(seen);
  return answers !== undefined && !onlyOnSignIn(answers) ? answers : undefined;
}

function refusedHeaders(seen: PairTraffic): RefusedAnswers | undefined {
  return refused(seen, (status) => status < 500 && !withoutBody.has(status));
}

function onlyOnSignIn({ paths }: RefusedAnswers): boolean {
  return paths.length > 0 && paths.every((path) => signIn.test(path));
}

const leastShareOfPath = 0.5;

function refused(seen: PairTraffic, wanted: (status: number) => boolean): RefusedAnswers | undefined {
  const counts = new Map<number, number>();
  for (const part of seen.counts) {
    if (!part.readings.has("gateway-error")) continue;
    for (const [status, count] of part.failedServerStatuses) {
      if (wanted(status)) counts.set(status, (counts.get(status) ?? 0) + count);
    }
  }
  const count = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const rows = rowsOf(seen);
  const paths = pathsOf(seen, ["gateway-error"]);
  const onePath = paths.some(
    ({ failed, summary }) => failed >= fewestRows && failed >= leastShareOfPath * summary.rows,
  );
  if (count < fewestRows || (count < leastShare * rows && !onePath)) return undefined;
  const sample = seen.samples.find(
    ({ reading, serverStatus }) =>
      reading === "gateway-error" && serverStatus !== undefined && wanted(serverStatus),
  );
  const statuses = [...counts.keys()].sort((a, b) => a - b);
  return { seen, statuses, count, rows, paths: paths.map(({ path }) => path), sample };
}

/** Where applications set many or large cookies: signing in, and what comes back from it. */
const signIn =
  /(^|\/|\.)(log-?(in|on|out)|sign-?(in|on|out)[\w-]*|oauth2?|openid|oidc|saml2?|sso|auth|callback|authorize)(\/|$|\.)/i;

type Reads = Pick<Facets, "gateway" | "wiring" | "traffic" | "health">;

/** Pairs whose servers answer and whose answers the gateway refuses in this way. */
export function refusedBy(
  facets: Reads,
  judge: (seen: PairTraffic) => RefusedAnswers | undefined,
  basis: "observed-likely" | "observed-possible",
): Decision<RefusedAnswers>[] {
  const decisions: Decision<RefusedAnswers>[] = withoutLog(facets);
  for (const seen of facets.traffic.pairs) {
    const refused = isDown(facets.health, seen.pair) ? undefined : judge(seen);
    if (refused === undefined) continue;
    const routes = routesWith(facets.traffic, seen.pair, ["gateway-error"]);
    decisions.push({
      is: "found",
      key: seen.pair.id,
      match: refused,
      affects: { routes },
      effect: "impairs",
      basis,
    });
  }
  return decisions;
}

/** The first row in which the server's answer and the client's differ. */
export function refusedEvidence({ sample }: RefusedAnswers): Evidence[] {
  if (sample === undefined) return [];
  const place = { document: sample.document, pointer: `line ${sample.line}` };
  return [evidence(`${sample.uri}: the server answered ${sample.serverStatus}, the client got 502`, place)];
}
