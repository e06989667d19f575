import type { CauseId } from "../diagnosis/cause-ids.ts";
import type { ChangedThing } from "../diagnosis/experiment.ts";
import type { Certainty, Layer, Role } from "../diagnosis/finding.ts";
import type { Outcome } from "../diagnosis/verdict.ts";
import type { Change } from "../model/change.ts";
import type { Generation } from "../model/gateway.ts";
import type { SentForGateway } from "./report-input.ts";

/**
 * The shape of `--format json`: `causeway/diagnosis/v1`. Published as `schema/diagnosis.v1.schema.json`; the two and
 * `docs/` change together or not at all. Absent never stands for unknown: what is not known is `null`.
 */
export interface DiagnosisJson {
  readonly format: "causeway/diagnosis/v1";
  readonly gateway: GatewayJson;
  readonly routes: readonly RouteJson[];
  /** Most important first. */
  readonly findings: readonly FindingJson[];
  readonly checks: readonly CheckJson[];
  readonly documents: readonly DocumentJson[];
  /** What was sent to the servers by this call; null unless it was asked to. */
  readonly live: LiveJson | null;
}

export interface GatewayJson {
  readonly id: string;
  readonly name: string;
  readonly sku: string;
  readonly generation: Generation;
}

export interface RouteJson {
  /** `listener/rule` or `listener/rule/pathRule`. */
  readonly id: string;
  readonly listener: string | null;
  readonly rule: string;
  /** `default` for the path map's default target; null for basic rules. */
  readonly pathRule: string | null;
  /** Null for redirects and for references that lead nowhere. */
  readonly pool: string | null;
  readonly backendSetting: string | null;
  readonly outcome: Outcome;
  /** What clients get while it fails. */
  readonly status: number | null;
  /** Ids of root findings. */
  readonly causedBy: readonly string[];
  readonly servers: readonly ServerJson[];
}

export interface ServerJson {
  /** IP address or FQDN; null when the joined IP configuration was not exported. */
  readonly address: string | null;
  readonly port: number | null;
  readonly outcome: Outcome;
  readonly causedBy: readonly string[];
}

export interface FindingJson {
  readonly id: string;
  readonly cause: CauseId;
  readonly layer: Layer;
  readonly role: Role;
  readonly certainty: Certainty;
  readonly summary: string;
  /** The object to change first. */
  readonly subjects: readonly SubjectJson[];
  readonly evidence: readonly EvidenceJson[];
  /** Ids of the findings folded under this one. */
  readonly explains: readonly string[];
  /** The text of the backend-health page. */
  readonly azureMessage: string | null;
  /** What was tried to prove it, those that helped first. */
  readonly experiments: readonly ExperimentJson[];
  readonly fix: FixJson | null;
}

export interface ExperimentJson {
  /** The one thing that was changed, e.g. `Host`. */
  readonly changed: ChangedThing;
  readonly from: string;
  readonly to: string;
  /** False: nothing was sent, the same answer was judged again. */
  readonly sent: boolean;
  readonly before: string;
  readonly after: string;
  /** The failure went away; where it was provoked, it showed. */
  readonly helped: boolean;
  readonly document: string;
  /** `line N` of the recording. */
  readonly beforeAt: string;
  readonly afterAt: string;
}

export interface SubjectJson {
  readonly kind: string;
  readonly name: string;
  readonly resourceId: string;
  readonly document: string;
  readonly pointer: string;
}

export interface EvidenceJson {
  readonly says: string;
  readonly document: string;
  /** JSON pointer (RFC 6901), or `line N` of a log. */
  readonly pointer: string;
}

export interface FixJson {
  readonly summary: string;
  readonly changes: readonly Change[];
  readonly commands: {
    readonly az: readonly string[];
    readonly powershell: readonly string[];
    /** Fragments to merge into a template. */
    readonly bicep: readonly string[];
  };
  /** Made on a copy of the documents and diagnosed again: the cause is gone, no new one appeared. */
  readonly verified: boolean;
  /** Verified by what the servers answered to what the gateway would then send. */
  readonly triedLive: boolean;
  /** Why it is not verified; null when it is. */
  readonly reason: string | null;
  readonly sideEffects: readonly string[];
}

export interface CheckJson {
  readonly cause: CauseId;
  readonly status: "found" | "ruled-out" | "undecided";
  /** `what would decide it: the command that exports it` */
  readonly needs: readonly string[];
}

export interface DocumentJson {
  readonly path: string;
  readonly kind: string;
  readonly used: boolean;
  readonly note: string;
}

export interface LiveJson {
  readonly probes: number;
  readonly requests: number;
  readonly experiments: SentForGateway["experiments"];
  /** Exchanges that fixes would send. */
  readonly fixesTried: number;
  /** Requests that were also sent through the gateway itself: whose error is it. */
  readonly throughGateway: SentForGateway["throughGateway"];
  /** What was not sent though it would have told something, and why. */
  readonly notSent: readonly string[];
}
