import type { MemberView } from "../gateway/balance/balancer.ts";
import type { AdminState } from "../gateway/balance/member.ts";
import type { KeptExchange } from "../gateway/explain/kept-exchange.ts";
import type { GateFigures } from "../gateway/limits/gate.ts";
import type { ActivityCounts } from "../gateway/metrics/activity.ts";
import type { Metrics } from "../gateway/metrics/metrics.ts";
import type { Tally } from "../gateway/metrics/tally.ts";
import type { InvalidResponse } from "../gateway/upstream/invalid-response.ts";
import type { RunGateway } from "./run-gateway.ts";

/** What those who serve know, be it one process or several. */
export interface RunView {
  members(): Promise<readonly MemberView[]>;
  metrics(): Promise<Pick<Metrics, "text">>;
  activity(): Promise<ActivityCounts>;
  /** Of clients. */
  connections(): Promise<number>;
  gate(): Promise<GateFigures>;
  /** Those whose transaction id begins so, or a few of them. */
  recordsOf(start: string): Promise<readonly KeptExchange[]>;
  invalidResponses(): Promise<readonly InvalidResponse[]>;
  /** False = there is no such server. */
  setAdmin(pairId: string, address: string, admin: AdminState): Promise<boolean>;
}

/** Of a gateway that this process serves alone. */
export function ownView(gateway: RunGateway, tally: Tally): RunView {
  return {
    members: async () => gateway.current.balancer.view(),
    metrics: async () => tally.metrics,
    activity: async () => tally.activity,
    connections: async () => connectionsOf(gateway),
    gate: async () => gateway.gate.figures(),
    recordsOf: async (start) => tally.failures.startingWith(start),
    invalidResponses: async () => invalidOf(gateway),
    setAdmin: (pairId, address, admin) => gateway.setAdmin(pairId, address, admin),
  };
}

export function connectionsOf({ server }: RunGateway): number {
  return server.doors.reduce((sum, { connections }) => sum + connections, 0);
}

export function invalidOf({ current }: RunGateway): readonly InvalidResponse[] {
  return [...current.upstreams.known()].flatMap(({ lastInvalid }) => lastInvalid ?? []);
}
