import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { requestCauses, wrongServerCauses } from "../families.ts";
import { faultOf, isUpgradeFault } from "./live-framing.ts";
import {
  askedWords,
  isRequest,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

interface Match {
  readonly seen: SeenLive;
  /** The same without asking for a WebSocket. */
  readonly plain: JudgedExchange | undefined;
}

export default defineCause({
  id: "websocket",
  title: "WebSocket upgrade fails or is cut",
  layer: "http",
  decidedBy: ["live"],
  reads: ["live"],
  explainedBy: [...requestCauses, ...wrongServerCauses, "backend-5xx", "second-proxy-502"],
  about: `The gateway passes WebSocket upgrades on without being told to, but its request time-out also ends sessions in which the
server is silent for that long, and a server or a proxy behind it may refuse the upgrade. Ordinary requests and probes,
which are never upgraded, are fine. Live, a URL of \`ws:\` or \`wss:\` is asked for as clients do, and once more without the
upgrade: where only the upgrade fails, it is what the server does not do. How long sessions last is not tried: send pings,
or raise the time-out.`,
  find: ({ live }) =>
    seenLive(live, isRefusedUpgrade).map((seen): Decision<Match> => {
      const [first] = seen.exchanges;
      const [plan] = withoutUpgrade(first);
      const plain = plan && live.outcome(first, plan);
      return {
        is: "found",
        key: keyOfSeen(seen),
        match: { seen, plain },
        affects: seen.affects,
        effect: "impairs",
        basis: isUpgradeFault(faultOf(first)) ? "state" : "observed-possible",
        status: first.clientStatus ?? 502,
      };
    }),
  trials: ({ live }, failing) => plainTrials(live, failing),
  say: ({ seen, plain }): Statement => {
    const [first] = seen.exchanges;
    const { who, s } = serversOfSeen(seen);
    const fault = faultOf(first);
    const how =
      fault === undefined
        ? `with ${first.status} instead of 101`
        : `with a 101 that does not fit its key (${fault})`;
    return {
      summary: `${who} answer${s} the WebSocket upgrade of ${askedWords(first)} ${how}`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: [
        ...seenLiveEvidence(seen),
        ...(plain === undefined
          ? []
          : [evidence(`the same without an upgrade: ${plain.says}`, plain.source)]),
      ],
    };
  },
  fix: ({ seen, plain }): FixProposal => ({
    summary:
      plain !== undefined && plain.status === seen.exchanges[0].status
        ? `Find out under which path pool ${seen.pair.pool.name} takes WebSockets: ${askedWords(seen.exchanges[0])} is answered the same without an upgrade.`
        : `Let the servers of pool ${seen.pair.pool.name}, and proxies on them, take the upgrade of ${askedWords(seen.exchanges[0])}.`,
    changes: [],
    sideEffects: [],
  }),
});

/** An upgrade that got an answer, but not the one it needs. */
function isRefusedUpgrade(failing: Failing): boolean {
  if (!isRequest(failing) || !failing.client.scheme.startsWith("ws")) return false;
  return failing.kind === "backend-error" || isUpgradeFault(faultOf(failing));
}

/** None once it is known that the same answer comes without an upgrade: then it tells nothing of upgrades. */
function plainTrials(live: Facets["live"], failing: Failing): Trial[] {
  return withoutUpgrade(failing)
    .filter((plan) => {
      const plain = live.outcome(failing, plan);
      return plain === undefined || (plain.outcome === "fine" && plain.status !== failing.status);
    })
    .map((plan) => ({
      what: "upgrade",
      from: "WebSocket",
      to: "none",
      plan,
      proof: "fine",
      risk: "safe",
      costMs: 300,
    }));
}

function withoutUpgrade(failing: Failing): Failing["plan"][] {
  if (!isRefusedUpgrade(failing) || failing.kind !== "backend-error") return [];
  const { plan } = failing;
  if (plan.client === undefined) return [];
  const scheme = plan.client.scheme === "wss" ? "https" : "http";
  return [{ ...plan, client: { ...plan.client, scheme } }];
}
