import { firstBytes, isHttp2 } from "../../../health/first-bytes.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { exchangeEvidence, poolSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { wrongServerCauses } from "../families.ts";
import { effectSeen, helpedBy, serversAmong } from "../helped.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  readonly servers: readonly Server[];
  readonly shown: Failing;
  /** The server answered in frames of HTTP/2, rather than only to it. */
  readonly inFrames: boolean;
}

export default defineCause({
  id: "http2-grpc-only",
  title: "Backend speaks HTTP/2 or gRPC only",
  layer: "http",
  decidedBy: ["live"],
  reads: ["live"],
  explainedBy: wrongServerCauses.filter((id) => id !== "backend-not-http"),
  about: `The gateway always speaks HTTP/1.1 to servers, even where clients use HTTP/2 with it. A server that knows only HTTP/2,
as gRPC servers do, closes the connection or answers with bytes that are no HTTP/1.1 response, for probes and requests alike.
Live, the first bytes are a frame of HTTP/2, or the same question over HTTP/2 is answered while HTTP/1.1 gets nothing;
\`curl --http1.1\` against the server shows it too. Offer an HTTP/1.1 endpoint, or put another kind of proxy in front.`,
  find: ({ live }) => {
    const frames = live.failing.filter(answersInFrames);
    const helped = helpedBy(live, overHttp2).flatMap(({ members }) => members);
    const all = [...new Set([...frames, ...helped])];
    return [...Map.groupBy(all, ({ server }) => server.pair)].map(([pair, own]): Decision<Match> => {
      const [shown] = own as [Failing];
      const inFrames = own.every(answersInFrames);
      const servers = serversAmong(own);
      return {
        is: "found",
        key: pair.id,
        match: { pair, port: shown.plan.port, servers, shown, inFrames },
        affects: { servers },
        effect: effectSeen(own),
        basis: inFrames ? "state" : "observed-likely",
      };
    });
  },
  trials: (_, failing) => overHttp2(failing),
  say: ({ pair, port, shown, inFrames }, affects): Statement => ({
    summary: `${serverNames(serversOf(affects))} of pool ${pair.pool.name} speak${serversOf(affects).length === 1 ? "s" : ""} only HTTP/2 on port ${port}, ${
      inFrames ? "and answers HTTP/1.1 with frames" : "and does not answer HTTP/1.1"
    }, which is all that the gateway speaks`,
    subjects: [poolSubject(pair.pool), settingSubject(pair.setting)],
    evidence: [exchangeEvidence(shown)],
  }),
  fix: ({ pair, port }, affects): FixProposal => ({
    summary: `Let ${serverNames(serversOf(affects))} speak HTTP/1.1 on port ${port} too, or on another to which backend setting ${pair.setting.name} is then set.`,
    changes: [],
    sideEffects: [],
  }),
});

function answersInFrames({
  kind,
  observation,
  plan,
}: Pick<Failing, "kind" | "observation" | "plan">): boolean {
  if (plan.manner.httpVersion !== "HTTP/1.1") return false;
  if (kind !== "http-invalid" && kind !== "tls-not-tls") return false;
  return isHttp2(firstBytes(observation) ?? "");
}

/** Statuses with which servers of HTTP/2 send HTTP/1.1 away. */
const refusals: ReadonlySet<number> = new Set([403, 426, 505]);

/** The same over HTTP/2, where HTTP/1.1 found nobody to talk to. */
function overHttp2(failing: Failing): Trial[] {
  const { plan, kind, status, observation } = failing;
  if (plan.manner.httpVersion !== "HTTP/1.1" || plan.method === undefined) return [];
  const noProtocol = kind === "tls-alert" && observation.tls?.alert === "no_application_protocol";
  const sentAway =
    kind === "status" && status !== undefined && refusals.has(status) && plan.tls !== undefined;
  if (!noProtocol && !sentAway && kind !== "http-cut" && kind !== "http-invalid") return [];
  const manner = { ...plan.manner, httpVersion: "HTTP/2" } as const;
  const proof = sentAway ? "fine" : "speaks-http";
  return [
    {
      what: "HTTP version",
      from: "HTTP/1.1",
      to: "HTTP/2",
      plan: { ...plan, manner },
      proof,
      risk: "all",
      costMs: 500,
    },
  ];
}
