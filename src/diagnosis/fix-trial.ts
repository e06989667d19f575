import { buildModel } from "../model/build.ts";
import { applyChanges, type Change, ChangeError } from "../model/change.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Model } from "../model/model.ts";
import type { ActivityObservation } from "../model/observations.ts";
import { idKey, parseResourceId } from "../model/resource.ts";
import { Source } from "../model/source.ts";
import { affectedPlaces } from "./affected-places.ts";
import { healthAfter, keyOf, liveAfter, trafficAfter } from "./after-change.ts";
import type { Case } from "./case.ts";
import { facetsOf, withObservations } from "./facets/build.ts";
import type { Facets } from "./facets.ts";
import type { Affects, Fix, FixProposal } from "./finding.ts";
import { type Judged, type Judgement, judging } from "./judge.ts";
import type { Steps } from "./steps.ts";
import { serversOf } from "./weigh.ts";

/**
 * Tries a fix: makes the change to a copy of the case, drops what was seen under the old situation, and judges again.
 * Verified only if the cause is then ruled out on everything it affected and no new root appeared.
 */
export function* tryingFix(
  kase: Case,
  gateway: Gateway,
  before: Judgement,
  finding: Judged,
  proposal: FixProposal,
): Steps<Fix> {
  const unverified = (reason: string): Fix => ({ ...proposal, verified: false, triedLive: false, reason });
  // What a copy of the documents cannot show, the servers themselves may have shown.
  const hope = before.facets.live.tried && proposal.changes.length > 0;
  if (proposal.notVerifiable !== undefined && !hope) return unverified(proposal.notVerifiable);
  if (proposal.changes.length === 0) {
    return unverified(
      "no document holds what has to change; only a new health report, or --live, shows that it helped",
    );
  }
  const changed = modelAfter(kase, proposal.changes);
  if ("refused" in changed) return unverified(changed.refused);
  const sameGateway = changed.model.gateways.find(({ id }) => idKey(id) === idKey(gateway.id));
  if (sameGateway === undefined) return unverified("the gateway is not in the changed documents");
  yield;
  const after = yield* judging(facetsAfter({ ...kase, ...changed }, before, sameGateway, proposal.changes));
  const reason = whyNotHealed(before, after, finding);
  if (reason !== undefined) return unverified(proposal.notVerifiable ?? reason);
  const triedLive = goesWell(finding, after);
  if (proposal.notVerifiable !== undefined && !triedLive) return unverified(proposal.notVerifiable);
  return { ...proposal, verified: true, triedLive, reason };
}

/** What would then be sent to the affected servers was sent to some of them, and did not fail at any. */
function goesWell({ affects, effect }: Judged, { facets: { live } }: Judgement): boolean {
  const places = affectedPlaces(affects);
  const seen = [
    ...live.probes.filter(({ server }) => places.holds(server)),
    ...live.requests.filter(({ server, route }) => places.holds(server) && places.routes.has(route.id)),
  ];
  // A probe that is fine tells nothing of requests that are not.
  const telling = seen.filter(({ plan }) => !ofRequests.has(effect) || plan.purpose === "request");
  return telling.some(({ outcome }) => outcome === "fine") && seen.every(({ outcome }) => outcome === "fine");
}

const ofRequests: ReadonlySet<Judged["effect"]> = new Set(["stops-requests", "impairs"]);

type ChangedModel = Pick<Case, "configuration" | "model">;

/** The model that a change leads to, or why it cannot be made. */
export function modelAfter(kase: Case, changes: readonly Change[]): ChangedModel | { refused: string } {
  try {
    const records = applyChanges(kase.configuration.records, changes);
    const configuration = { ...kase.configuration, records };
    const model: Model = buildModel(configuration);
    return { configuration, model };
  } catch (error) {
    if (error instanceof ChangeError) return { refused: `could not be tried: ${error.message}` };
    throw error;
  }
}

/** The views of the changed case, with what was seen before as far as it still holds. */
function facetsAfter(kase: Case, before: Judgement, gateway: Gateway, changes: readonly Change[]): Facets {
  const observations = {
    ...kase.observations,
    activities: [...kase.observations.activities, ...operationsOf(changes, kase.nowMs)],
  };
  const after = facetsOf({ ...kase, observations }, gateway);
  const stillHolds = {
    ...observations,
    healthReports: healthAfter(before.facets, after, observations.healthReports),
    traffic: trafficAfter(before.facets, after, observations.traffic),
    live: liveAfter(before.facets, after, observations.live, changes),
  };
  return withObservations(after, { ...kase, observations: stillHolds });
}

/** A start of a gateway would stand in the activity log afterwards; DNS checks look for it. */
function operationsOf(changes: readonly Change[], nowMs: number): ActivityObservation[] {
  return changes.flatMap((change) =>
    change.action === "operate" &&
    (change.operation === "start" || change.operation === "stop-start") &&
    parseResourceId(change.resourceId).type.toLowerCase() === "microsoft.network/applicationgateways"
      ? [
          {
            source: new Source("(fix)", "", null),
            timeMs: nowMs,
            operation: "microsoft.network/applicationgateways/start/action",
            resourceId: change.resourceId,
            status: "Succeeded",
          },
        ]
      : [],
  );
}

function whyNotHealed(before: Judgement, after: Judgement, finding: Judged): string | undefined {
  const affected = namesOf(finding.affects);
  const remains = after.findings.find(
    (other) => other.cause === finding.cause && (other.id === finding.id || meets(affected, other.affects)),
  );
  if (remains !== undefined) return `tried on a copy: it is still there (${remains.summary})`;
  const open = after.undecided.find(
    (other) => other.cause === finding.cause && meets(affected, other.affects),
  );
  if (open !== undefined)
    return `tried on a copy: afterwards it cannot be told for want of ${open.needs.what}`;
  const known = new Set(
    before.findings
      .filter(({ role, id }) => role !== "risk" && !finding.explains.includes(id))
      .map(({ id }) => id),
  );
  const fresh = after.findings.find(({ role, id }) => role === "root" && !known.has(id));
  if (fresh !== undefined) return `tried on a copy: another fault then appears (${fresh.summary})`;
  return undefined;
}

function namesOf(affects: Affects): Set<string> {
  return new Set([
    ...(affects.gateway ? ["gateway"] : []),
    ...serversOf(affects).map(keyOf),
    ...(affects.pairs ?? []).map(({ id }) => `pair ${id}`),
    ...(affects.routes ?? []).map(({ id }) => `route ${id}`),
  ]);
}

function meets(names: ReadonlySet<string>, affects: Affects): boolean {
  for (const name of namesOf(affects)) if (names.has(name)) return true;
  return false;
}
