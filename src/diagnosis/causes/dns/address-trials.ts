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
  const once = new Map(places.map((place) => [place.address, place]));
  return [...once.values()]
    .filter(({ address }) => !seen.used.includes(address) && address !== observation.tcp?.address)
    .slice(0, mostTried)
    .map(
      (place): Trial => ({
        ...changeTo(place, seen),
        plan: { ...plan, manner: { ...plan.manner, connectTo: place.address } },
        proof: phaseOf(failing.kind) > phaseOf("tcp-refused") ? "fine" : "later",
        risk: "safe",
        costMs: 200,
      }),
    )
    .filter((trial) => !isUnreached(live, failing, trial));
}

/** Where no address was had at all, it is the server that is another; otherwise only the address. */
function changeTo({ address, from }: OtherAddress, seen: SeenName): Pick<Trial, "what" | "from" | "to"> {
  const used = seen.used.length === 0 ? "no address" : listed(seen.used);
  const asked = listed(seen.own.map(({ server }) => server));
  const another = seen.own.length > 0 && [...seen.own, ...seen.others].some(({ server }) => server === from);
  return seen.used.length === 0 && another
    ? { what: "DNS server", from: `${asked} (${used})`, to: `${from} (${address})` }
    : {
        what: "address",
        from: seen.own.length === 0 ? used : `${used} (${asked})`,
        to: `${address} (${from})`,
      };
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
