import { isTls } from "../../../health/exchange.ts";
import type { TlsOffer } from "../../../model/exchange-plan.ts";
import type { ProbeObservation } from "../../../model/probe-observation.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Undecided } from "../../cause.ts";
import { type Experiment, experimentOf, flipOf, type Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { evidence, groupedBy, sentWords, serverNames } from "../../statements.ts";
import { isHandshakeRefused } from "./handshake-ends.ts";
import { failsInTls } from "./reported.ts";
import { riskOf } from "./trial-risk.ts";

const handshakeMs = 150;

/** Handshakes that may break off for what was offered: not those that came to ask for a client's certificate. */
function canBeTheOffer({ plan, kind, observation }: JudgedExchange): boolean {
  if (!isTls(plan.protocol) || !isHandshakeRefused({ kind })) return false;
  const { tls } = observation;
  if (tls === undefined || tls.outcome === "established") return false;
  return !tls.clientCertificateRequested && tls.alert !== "unrecognized_name";
}

/** The same exchange with another offer; `to` says which. */
export function offerTrial(
  failing: Failing,
  what: Extract<Trial["what"], "TLS version" | "TLS ciphers">,
  from: string,
  to: string,
  offer: Partial<TlsOffer>,
): readonly Trial[] {
  const { plan } = failing;
  if (plan.tls === undefined || !canBeTheOffer(failing)) return [];
  const tls = { ...plan.tls, ...offer };
  return [
    { what, from, to, plan: { ...plan, tls }, proof: "later", risk: riskOf(plan), costMs: handshakeMs },
  ];
}

/** Servers of one pair whose handshake breaks off for what the gateway offers. */
export interface RefusedOffer {
  readonly first: Failing;
  readonly servers: readonly Server[];
  /** The offer that the server takes; undefined where only its alert tells. */
  readonly taken: Experiment | undefined;
  /** The probe is no better: nothing gets through. */
  readonly probes: boolean;
  /** Every other offer was refused as well, so that the alert is all there is. */
  readonly tried: boolean;
}

/** The failing handshakes that another offer mends, or whose alert names the offer. */
export function refusedOffers(
  { live, health }: Pick<Facets, "live" | "health">,
  trialsOf: (failing: Failing) => readonly Trial[],
  alerts: readonly string[],
): readonly RefusedOffer[] {
  if (!live.tried) return [];
  const seen = live.failing.flatMap((failing) => {
    const probes = failing.plan.purpose === "probe";
    if (!canBeTheOffer(failing) || (!probes && failsInTls(health.of(failing.server)))) return [];
    const trials = trialsOf(failing);
    const taken = flipOf(live, failing, trials);
    const named = alerts.includes(failing.observation.tls?.alert ?? "");
    if (taken === undefined && !named) return [];
    const tried = trials.every((trial) => experimentOf(live, failing, trial) !== undefined);
    return [{ failing, taken, probes, tried }];
  });
  return groupedBy(seen, ({ failing, probes }) => `${probes} ${failing.server.pair.id}`).map(([, group]) => {
    const [{ failing: first, probes }] = group as [(typeof group)[0]];
    return {
      first,
      servers: [...new Set(group.map(({ failing }) => failing.server))],
      taken: group.find((one) => one.taken !== undefined)?.taken,
      probes,
      tried: group.every((one) => one.tried),
    };
  });
}

/** Handshakes that break off while nobody has tried the other offers, nor seen the server take the gateway's. */
export function untriedOffers(
  { live }: Pick<Facets, "live">,
  trialsOf: (failing: Failing) => readonly Trial[],
  what: string,
): readonly Undecided[] {
  const open = live.failing.filter((failing) => {
    const trials = trialsOf(failing);
    const made = trials.map((trial) => experimentOf(live, failing, trial));
    if (made.every((one) => one !== undefined) || made.some((one) => one?.flipped)) return false;
    return !live.sentTo(failing.server).some(({ observation }) => takesOffer(observation, failing));
  });
  return groupedBy(open, ({ server }) => server.pair.id).map(([, group]) => {
    const servers = [...new Set(group.map(({ server }) => server))];
    const [{ server, plan }] = group as [Failing];
    return {
      is: "undecided",
      needs: {
        what: `${what} ${serverNames(servers)} of pool ${server.pair.pool.name} takes on port ${plan.port}`,
        command: "probe live from the gateway's network, with experiments",
      },
      affects: { servers },
    };
  });
}

function takesOffer({ sent, tls }: ProbeObservation, { plan }: Failing): boolean {
  if (tls?.outcome !== "established" || sent.port !== plan.port) return false;
  return JSON.stringify(sent.tls) === JSON.stringify(plan.tls);
}

export function offerEvidence({ first, taken }: RefusedOffer): Evidence[] {
  const spoken = taken?.after.observation.tls;
  return [
    evidence(`${sentWords(first)}: ${first.says}`, first.source),
    ...(taken === undefined || spoken === undefined
      ? []
      : [
          evidence(
            `when offered ${taken.to} it takes ${spoken.version ?? "TLS"} with ${spoken.cipher ?? "a suite it does not name"}`,
            taken.after.source,
          ),
        ]),
  ];
}
