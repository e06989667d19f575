import type { Generation } from "../../model/gateway.ts";
import type { RecordSink } from "../exchange/parts.ts";
import { FailureRing } from "../explain/failure-ring.ts";
import { Activity } from "./activity.ts";
import { Metrics } from "./metrics.ts";

/** What one process keeps of its exchanges for those who ask. */
export class Tally {
  readonly metrics = new Metrics();
  readonly activity = new Activity();
  readonly failures = new FailureRing();

  /** For exchanges with the configuration of this number. */
  sinkOf(generation: Generation, configuration: number): RecordSink {
    return {
      record: (record) => {
        this.metrics.record(record, generation);
        this.activity.record(record);
        this.failures.record(record, configuration);
      },
    };
  }
}
