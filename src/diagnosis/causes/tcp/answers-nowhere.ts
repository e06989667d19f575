import type { Pair, Server } from "../../../routing/routes.ts";
import type { Found } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, poolSubject, serverNames } from "../../statements.ts";
import { effectSeen } from "../helped.ts";
import { type Connect, connectEvidence, connectsTo, isAnswered } from "./connects.ts";

/** Servers of one pair that nobody got a sign of life from, at whatever port. */
export interface Silent {
  readonly kind: "silent";
  readonly pair: Pair;
  readonly servers: readonly Server[];
  /** Of one of them; at the port that is needed first. */
  readonly connects: readonly Connect[];
}

type Reads = Pick<Facets, "live" | "reach" | "wiring">;

/** So many other ports of one server have to be silent as well. */
const fewestOtherPorts = 2;

/**
 * Silence at every port that was tried, as seen from the gateway's subnet, though by configuration the gateway gets through.
 * From outside, a machine that hangs and one whose firewall drops everything are alike. `off`: known to be switched off.
 */
export function silentOnes(facets: Reads, off: ReadonlySet<Server>): Found<Silent>[] {
  return facets.wiring.pairs.flatMap((pair): Found<Silent>[] => {
    const silent = facets.live.failing.flatMap((failing) => {
      const { server } = failing;
      if (server.pair !== pair || off.has(server)) return [];
      const connects = connectsOfSilent(facets, failing);
      return connects === undefined ? [] : [{ failing, connects }];
    });
    // One of those that fail alike is asked at other ports.
    const asked = silent.find(({ failing, connects }) => otherPorts(failing, connects) >= fewestOtherPorts);
    if (asked === undefined) return [];
    const { port } = asked.failing.plan;
    const alike = silent.filter(({ failing }) => failing.plan.port === port).map(({ failing }) => failing);
    const servers = [...new Set(alike.map(({ server }) => server))];
    const connects = asked.connects.toSorted((a, b) => Number(b.port === port) - Number(a.port === port));
    return [
      {
        is: "found",
        key: `${pair.id} silent`,
        match: { kind: "silent", pair, servers, connects },
        affects: { servers },
        effect: effectSeen(alike),
        basis: "observed-possible",
      },
    ];
  });
}

/** Undefined: somebody answered at some port, or something else may be silent in its place. */
function connectsOfSilent({ live, reach }: Reads, failing: Failing): readonly Connect[] | undefined {
  const { kind, vantage, plan, server, observation } = failing;
  if (kind !== "tcp-timed-out" || vantage !== "gateway") return undefined;
  const path = plan.purpose === "probe" ? reach.of(server) : reach.atRequestPort(server);
  if (path?.verdict !== "yes") return undefined;
  const address = observation.tcp?.address;
  const connects = connectsTo(live, server).filter((connect) => connect.address === address);
  const speaks = connects.some((connect) => isAnswered(connect) || connect.end !== "silent");
  return speaks ? undefined : connects;
}

function otherPorts({ plan }: Failing, connects: readonly Connect[]): number {
  return new Set(connects.flatMap(({ port }) => (port === plan.port ? [] : [port]))).size;
}

export function saysSilent({ pair, servers, connects }: Silent): Statement {
  const names = serverNames(servers);
  return {
    summary: `${names} of pool ${pair.pool.name} answer${servers.length === 1 ? "s" : ""} at no port, although groups and routes let the gateway through: the machine hangs, or its own firewall drops everything`,
    subjects: [poolSubject(pair.pool)],
    evidence: [
      evidence(
        `by configuration nothing between the gateway and ${names} stops it`,
        pair.setting.source.at("port"),
      ),
      ...connects.slice(0, 1).map(connectEvidence),
      ...connects
        .filter(({ port }) => port !== connects[0]?.port)
        .slice(0, 3)
        .map(connectEvidence),
    ],
  };
}

export function fixOfSilent({ servers }: Silent): FixProposal {
  return {
    summary: `Look at ${serverNames(servers)} from the inside: start it, or restart it when it hangs; when it works, let the gateway subnet through its own firewall.`,
    changes: [],
    sideEffects: [],
  };
}
