import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Effect, FixProposal, Statement } from "../../finding.ts";
import type { Failing, Live } from "../../live-evidence.ts";
import { groupedBy, poolSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";
import { type Connect, connectEvidence, connectsTo, isSilentToProbe } from "./connects.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  readonly servers: readonly Server[];
  /** Of one server: those that were let wait, and those that were taken at once. */
  readonly waiting: readonly Connect[];
  readonly prompt: readonly Connect[];
}

export default defineCause({
  id: "backend-accept-full",
  title: "Server accepts connections too slowly under load",
  layer: "tcp",
  decidedBy: ["live"],
  reads: ["live", "wiring", "health"],
  explainedBy: connectionCauses,
  about: `The server's accept queue, its worker processes or its file handles are used up. New connections wait, time out or
are reset while load is high, and everything is fine when it is low; in the access log there are closed connections and
time-outs, on every route of that server alike. Live, of several connections to the same port some are taken at once and
some are let wait for a second or longer, while other ports of the server answer at once. Watch the listen queue and its
overflows on the server; give it more workers or more instances.`,
  find: (facets) => {
    const full = facets.wiring.pairs
      .flatMap(({ servers }) => servers)
      .flatMap((server) => portsOf(facets.live, server).map((seen) => ({ server, ...seen })));
    const alike = groupedBy(full, ({ server, port }) => `${server.pair.id}/${port}`);
    return alike.flatMap(([key, items]): Decision<Match>[] => {
      const [first] = items;
      if (first === undefined) return [];
      const { server, port, waiting, prompt } = first;
      const servers = items.map((item) => item.server);
      return [
        {
          is: "found",
          key,
          match: { pair: server.pair, port, servers, waiting, prompt },
          affects: { servers },
          effect: effectOn(facets, servers, waiting),
          basis: "observed-likely",
        },
      ];
    });
  },
  trials: ({ live }, failing) => askedAgain(live, failing),
  say: ({ pair, port, waiting, prompt }, affects): Statement => ({
    summary: `${serverNames(serversOf(affects))} of pool ${pair.pool.name} take${serversOf(affects).length === 1 ? "s" : ""} connections on port ${port} only now and then: of ${waiting.length + prompt.length}, ${waiting.length} had to wait or came to nothing`,
    subjects: [poolSubject(pair.pool)],
    evidence: [...waiting.slice(0, 2), ...prompt.slice(0, 1)].map(connectEvidence),
  }),
  fix: (_, affects): FixProposal => ({
    summary: `Give ${serverNames(serversOf(affects))} more workers, a longer listen queue or more file handles, or the pool more servers; \`ss -ltn\` and \`nstat TcpExtListenOverflows\` on the server show the queue.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Where everything that had to wait was served in the end, nothing fails yet. */
function effectOn(
  { health }: Pick<Facets, "health">,
  servers: readonly Server[],
  waiting: readonly Connect[],
): Effect {
  const isDown = (server: Server): boolean => health.of(server)?.observation.health === "unhealthy";
  if (servers.every(isDown)) return "stops-probes";
  return waiting.some(({ end }) => end === "silent") ? "impairs" : "threatens";
}

interface FullPort {
  readonly port: number;
  readonly waiting: readonly Connect[];
  readonly prompt: readonly Connect[];
}

/** Longer than this nobody is silent because single packets were lost: three of them would have been. */
const longSilenceMs = 3_000;

/**
 * Ports of a server at which some connections are taken at once and others are let wait. One that waits a second may have
 * lost a packet; a way that loses packets does so for all ports.
 */
function portsOf(live: Live, server: Server): FullPort[] {
  const connects = connectsTo(live, server);
  if (connects.length < 2) return [];
  const byPort = Map.groupBy(connects, ({ port, address }) => `${address} ${port}`);
  return [...byPort.values()].flatMap((own): FullPort[] => {
    const waiting = own.filter(({ end }) => end === "silent" || end === "late");
    const prompt = own.filter(({ end }) => end === "prompt");
    const [first] = waiting;
    if (first === undefined || prompt.length === 0) return [];
    const long = waiting.some(({ end, tookMs }) => end === "silent" && tookMs >= longSilenceMs);
    if (!long && waiting.length < 2) return [];
    const lossy = connects.some(({ port, end }) => port !== first.port && end === "late");
    return lossy ? [] : [{ port: first.port, waiting, prompt }];
  });
}

const mostAttempts = 3;
/** Long enough for the first packet to be repeated twice. */
const patienceMs = 4_000;

/** The same again, where the server said nothing. */
function askedAgain(live: Live, failing: Failing): Trial[] {
  const { plan, kind, server } = failing;
  if (kind !== "tcp-timed-out" || isSilentToProbe(live, failing)) return [];
  const promptly = connectsTo(live, server).some(({ port, end }) => port === plan.port && end === "prompt");
  const timeoutMs = Math.min(plan.timeoutMs, patienceMs);
  return Array.from({ length: promptly ? mostAttempts : 2 }, (_, index): Trial => {
    const attempt = index + 1;
    return {
      what: "moment of asking",
      from: "at first",
      to: attempt === 1 ? "once more" : `${attempt} times more`,
      plan: { ...plan, timeoutMs, manner: { ...plan.manner, attempt } },
      proof: "later",
      risk: "safe",
      costMs: timeoutMs,
    };
  });
}
