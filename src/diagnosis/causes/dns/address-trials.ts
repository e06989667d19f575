import type { Server } from "../../../routing/routes.ts";
import { phaseOf, type Trial } from "../../experiment.ts";
import type { SeenName } from "../../facets/live-names.ts";
import type { Failing, Live } from "../../live-evidence.ts";
import { listed } from "../../statements.ts";
import type { OtherAddress } from "./seen-answers.ts";

/** More addresses tell no more. */
const mostTried = 2;

/**
 * The same exchange with the address that another DNS server, or a document, has for the name: whether the answer of the
 * gateway's servers is what is wrong. Past the connection only a good end proves it. An address that cannot be reached from elsewhere tells nothing.
 */
export function addressTrials(
  live: Live,
  failing: Failing,
  seen: SeenName,
  places: readonly OtherAddress[],
): readonly Trial[] {
  const { plan, observation } = failing;
  if (plan.manner.connectTo !== undefined) return [];
  const own = seen.used.length > 0 ? listed(seen.used) : "no address";
  const once = new Map(places.map((place) => [place.address, place]));
  const asked = seen.own.length === 0 ? "" : ` (${listed(seen.own.map(({ server }) => server))})`;
  return [...once.values()]
    .filter(({ address }) => !seen.used.includes(address) && address !== observation.tcp?.address)
    .slice(0, mostTried)
    .map(
      ({ address, from }): Trial => ({
        what: seen.used.length > 0 ? "address" : "DNS server",
        from: `${own}${asked}`,
        to: `${address} (${from})`,
        plan: { ...plan, manner: { ...plan.manner, connectTo: address } },
        proof: phaseOf(failing.kind) > phaseOf("tcp-refused") ? "fine" : "later",
        risk: "safe",
        costMs: 200,
      }),
    )
    .filter((trial) => !isUnreached(live, failing, trial));
}

function isUnreached(live: Live, failing: Failing, { plan }: Trial): boolean {
  const made = live.outcome(failing, plan);
  return (
    made !== undefined && made.vantage === "elsewhere" && phaseOf(made.kind) === phaseOf("tcp-timed-out")
  );
}

/**
 * What answers that differ come to by themselves: proof, once there is nothing left to try; until then the experiment is
 * to show whether anything else is wrong.
 */
export function basisOfAnswers(
  live: Live,
  servers: readonly Server[],
  trialsOf: (failing: Failing) => readonly Trial[],
): "state" | "observed-likely" {
  const trials = live.failing
    .filter(({ server }) => servers.includes(server))
    .flatMap((failing) => trialsOf(failing).map((trial) => ({ failing, trial })));
  const untried = trials.every(({ failing, trial }) => live.outcome(failing, trial.plan) === undefined);
  return trials.length > 0 && untried ? "observed-likely" : "state";
}
