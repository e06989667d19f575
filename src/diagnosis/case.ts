import type { TrustStore } from "../health/certificates/trust-store.ts";
import type { Switches } from "../health/switches.ts";
import type { ConfigurationRecords } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import type { Observations } from "../model/observations.ts";

/** All the evidence there is: configuration as records and as the model built from them, and what was seen. */
export interface Case {
  readonly configuration: ConfigurationRecords;
  readonly model: Model;
  readonly observations: Observations;
  readonly switches: Switches;
  /** The authorities everybody trusts; asked for only when there is a chain to judge. */
  readonly wellKnownRoots: () => TrustStore;
  /** The moment the question is asked, in epoch milliseconds: certificates expire and platforms retire. */
  readonly nowMs: number;
}
