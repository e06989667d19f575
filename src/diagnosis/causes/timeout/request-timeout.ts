import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { RowReading } from "../../../model/observations.ts";
import type { Route } from "../../../routing/routes.ts";
import type { Decision } from "../../cause.ts";
import { accessLogExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, listed, partId, settingSubject } from "../../statements.ts";
import {
  type Failures,
  failuresOf,
  isDown,
  pathNames,
  routesWith,
  rowEvidence,
  seconds,
  undecided,
  withoutLog,
} from "../log-evidence.ts";
import { cutOf } from "./cut-requests.ts";
import { type KnownNeed, knownNeed } from "./known-need.ts";
import { isPublicTarget, publicCapS } from "./public-target.ts";

/** What the two request time-outs have in common: v1 answers 502, v2 asks a second server and answers 504. */
export interface SlowRequests {
  readonly by: "log";
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly reading: RowReading;
  readonly status: number;
  readonly failures: readonly Failures[];
  readonly need: KnownNeed | undefined;
  readonly publicTarget: boolean;
  /** The log, or the first of them. */
  readonly document: string;
}

export const timeoutFacets = ["gateway", "wiring", "traffic", "health", "reach", "names", "live"] as const;
type Read = Pick<Facets, (typeof timeoutFacets)[number]>;

export function slowRequests(
  facets: Read,
  { reading, status }: { readonly reading: RowReading; readonly status: number },
): Decision<SlowRequests>[] {
  const { gateway, traffic, health } = facets;
  const decisions: Decision<SlowRequests>[] = [...withoutLog(facets)];
  const atLimit: Failures[] = [];
  for (const seen of traffic.pairs) {
    const failures = isDown(health, seen.pair) ? undefined : failuresOf(seen, [reading]);
    const cut = failures && cutOf(seen, reading);
    if (failures === undefined || cut === undefined) continue;
    if (cut.at === "limit") atLimit.push(failures);
    if (cut.at === "elsewhere") decisions.push(otherLimit(gateway, failures, cut.waitedS));
  }
  for (const [, group] of groupedBy(atLimit, ({ seen }) => seen.pair.setting.name)) {
    decisions.push(found(facets, group, reading, status));
  }
  return decisions;
}

function found(
  { gateway, traffic, reach, names }: Read,
  failures: readonly Failures[],
  reading: RowReading,
  status: number,
): Decision<SlowRequests> {
  const setting = (failures[0] as Failures).seen.pair.setting;
  const pairs = failures.map(({ seen }) => seen.pair);
  const routes: Route[] = pairs.flatMap((pair) => [...routesWith(traffic, pair, [reading])]);
  const publicTarget = pairs.some(({ servers }) =>
    servers.some((server) => isPublicTarget(server, { reach, names }) !== false),
  );
  const need = knownNeed(failures, traffic.pairs, reading);
  const document = traffic.log?.documents[0] ?? "";
  return {
    is: "found",
    key: setting.name,
    match: { by: "log", gateway, setting, reading, status, failures, need, publicTarget, document },
    affects: { routes },
    effect: "impairs",
    basis: reading === "timeout-v2" ? "configuration" : "observed-likely",
    status,
  };
}

/** Requests went without an answer, but not for as long as the setting waits today. */
function otherLimit(
  gateway: Gateway,
  { count, seen: { pair } }: Failures,
  waitedS: number | undefined,
): Decision<never> {
  const waited = waitedS === undefined ? "for different times" : `for about ${seconds(waitedS)}`;
  return undecided(
    `whether backend setting ${pair.setting.name} had another requestTimeout when the log was written: ${count} requests waited ${waited}, it now waits ${pair.setting.requestTimeoutS} s; a log from after the last change shows it`,
    accessLogExport(gateway.id),
    { pairs: [pair] },
  );
}

export function saySlow({ setting, reading, status, failures, need, document }: SlowRequests): Statement {
  const limit = setting.requestTimeoutS;
  const count = failures.reduce((sum, one) => sum + one.count, 0);
  const rows = failures.reduce((sum, one) => sum + one.rows, 0);
  const paths = [...new Set(failures.flatMap((one) => one.paths))];
  const pools = listed(failures.map(({ seen }) => seen.pair.pool.name));
  return {
    summary: `Backend setting ${setting.name} waits ${limit} s for an answer and ${pathNames(paths)} took longer: ${count} of ${rows} requests to pool ${pools} got ${status}`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(`requestTimeout is ${limit} s`, setting.source.at("requestTimeout")),
      ...failures.flatMap(({ seen }) =>
        rowEvidence(
          seen,
          [reading],
          (row) =>
            `${row.httpStatus} for ${row.uri} after ${seconds(row.serverLatencyS ?? row.timeTakenS ?? limit)}, without a status from the server`,
        ),
      ),
      ...(need === undefined
        ? []
        : [
            evidence(`${need.path} was also served, after up to ${seconds(need.longestS)}`, {
              document,
              pointer: "",
            }),
          ]),
    ],
  };
}

/** No setting may wait longer than a day (gateway-resource.md §4.6). */
const longestS = 86_400;

export function fixSlow(slow: SlowRequests): FixProposal | undefined {
  const { gateway, setting, need, failures, publicTarget } = slow;
  const limit = setting.requestTimeoutS;
  const wanted = need === undefined ? 2 * limit : Math.ceil((1.5 * need.longestS) / 10) * 10;
  const value = Math.min(wanted, publicTarget ? Math.max(publicCapS, limit) : longestS);
  if (value <= limit) return undefined;
  const known = need !== undefined && value > need.longestS;
  const paths = [...new Set(failures.flatMap((one) => one.paths))];
  return {
    summary: `Raise requestTimeout of backend setting ${setting.name} from ${limit} s to ${value} s.`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "requestTimeout",
        value,
      },
    ],
    sideEffects: [
      `Holds for everything that is routed through ${setting.name}: a server that hangs keeps its clients waiting up to ${value} s.`,
    ],
    ...(known
      ? {}
      : {
          notVerifiable: `the log has no answer to ${pathNames(paths)} that shows how long ${paths.length === 1 ? "it needs" : "they need"}; time the request on the server itself`,
        }),
  };
}
