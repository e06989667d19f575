import type { LogSample } from "../../../model/observations.ts";
import type { PairTraffic } from "../../facets.ts";
import { fewestRows, leastShare, pathsOf, rowsOf } from "../log-evidence.ts";

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

export function refusedHeaders(seen: PairTraffic): RefusedAnswers | undefined {
  return refused(seen, (status) => status < 500 && !withoutBody.has(status));
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

export function isSignInPath(path: string): boolean {
  return signIn.test(path);
}
