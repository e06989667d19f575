import type { ServerTraffic } from "../../model/observations.ts";
import { type AccessRow, R } from "./row.ts";
import { RowCounts } from "./row-counts.ts";
import { ThinnedList } from "./thinned-list.ts";

/** A v2 gateway has at most 125 instances. */
const MOST_INSTANCES = 128;

/** Rows of one server within one route. */
export class ServerCell {
  readonly server: string;
  readonly counts = new RowCounts();
  earlierAttempts = 0;
  private readonly lastByInstance = new Map<string, number>();
  private readonly beforeFailure = new ThinnedList();
  private readonly beforeServed = new ThinnedList();

  constructor(server: string) {
    this.server = server;
  }

  add(row: AccessRow, reading: number): void {
    this.counts.add(row, reading);
    if (this.server !== "" && row.timeMs >= 0) this.addGap(row, reading);
  }

  result(): ServerTraffic {
    return {
      server: this.server,
      ...this.counts.result(),
      earlierAttempts: this.earlierAttempts,
      idleBeforeFailureS: this.beforeFailure.values(),
      idleBeforeServedS: this.beforeServed.values(),
    };
  }

  /** Connections belong to an instance, so idleness does too. The row's time is its end; its start ends the idle gap. */
  private addGap(row: AccessRow, reading: number): void {
    const { timeMs, instanceId } = row;
    const last = this.lastByInstance.get(instanceId);
    if (last === undefined) {
      if (this.lastByInstance.size < MOST_INSTANCES) this.lastByInstance.set(instanceId, timeMs);
      return;
    }
    if (timeMs > last) this.lastByInstance.set(instanceId, timeMs);
    const beganMs = row.timeTakenS >= 0 ? timeMs - row.timeTakenS * 1000 : timeMs;
    const idleS = Math.max(0, beganMs - last) / 1000;
    if (reading === R.served) this.beforeServed.add(idleS);
    else if (reading === R.upstreamClosed || reading === R.gatewayError) this.beforeFailure.add(idleS);
  }
}
