import type { Change } from "../model/change.ts";
import type { Origin } from "../model/source.ts";
import type { Pair, Route, Server } from "../routing/routes.ts";
import type { CauseId } from "./cause-ids.ts";
import type { Experiment } from "./experiment.ts";

export type Layer =
  | "config"
  | "pool"
  | "dns"
  | "nsg"
  | "route"
  | "tcp"
  | "tls"
  | "http"
  | "timeout"
  | "capacity";

/** root: explains a failing, degraded or unreadable route now. risk: has or may have an effect later or elsewhere. */
export type Role = "root" | "contributing" | "risk";

/**
 * proven: the deciding object is in the configuration and what was seen agrees, or the state itself was exported.
 * likely: the configuration decides it, unseen; or an observation that allows hardly anything else.
 * possible: fits what was seen; others fit too.
 */
export type Certainty = "proven" | "likely" | "possible";

/** What a cause does to the servers, pairs or routes it affects. */
export type Effect =
  /** Neither probes nor requests get an answer: every affected server fails. Denied by a healthy probe. */
  | "stops"
  /** The probe fails, so the server is taken out; requests might have worked. Denied by a healthy probe. */
  | "stops-probes"
  /** Probes are fine, requests fail. Denied only by requests that were seen to be served. */
  | "stops-requests"
  /** Some requests fail. */
  | "impairs"
  /** Health cannot be read (`Unknown`); requests may be served. */
  | "hides-health"
  /** Nothing now. */
  | "threatens";

export interface Affects {
  readonly servers?: readonly Server[];
  readonly pairs?: readonly Pair[];
  readonly routes?: readonly Route[];
  /** Everything the gateway does. */
  readonly gateway?: true;
}

export interface Subject extends Origin {
  /** Camel-case kind, e.g. `networkSecurityGroup`, `securityRule`, `backendHttpSettings`. */
  readonly kind: string;
  readonly name: string;
  readonly resourceId: string;
}

export interface Evidence {
  readonly says: string;
  readonly document: string;
  readonly pointer: string;
}

/** What would settle a check that could not decide, and the command that exports it. */
export interface Need {
  readonly what: string;
  readonly command: string;
}

/** A fix before it was tried. */
export interface FixProposal {
  /** One imperative sentence. */
  readonly summary: string;
  /** Empty when the thing to change is not an Azure resource (a program, a certificate on a server). */
  readonly changes: readonly Change[];
  /** What else the change opens, stops or interrupts. */
  readonly sideEffects: readonly string[];
  /** Set when trying it on a copy cannot show that it helps; says why and what would show it. */
  readonly notVerifiable?: string;
}

export interface Fix extends FixProposal {
  readonly verified: boolean;
  /** What the gateway would send after it was sent to the servers, and went well. */
  readonly triedLive: boolean;
  /** Why it is not verified; undefined when it is. */
  readonly reason: string | undefined;
}

/** What a check states about one fault, before the verdict gives it its role. */
export interface Statement {
  /** One sentence that names the objects. */
  readonly summary: string;
  /** The object to change first. */
  readonly subjects: readonly Subject[];
  readonly evidence: readonly Evidence[];
}

export interface Finding extends Statement {
  /** `cause:key`; stable for the same fault in the same input. */
  readonly id: string;
  readonly cause: CauseId;
  readonly layer: Layer;
  readonly role: Role;
  readonly certainty: Certainty;
  readonly effect: Effect;
  /** What clients get while this finding makes a route fail. */
  readonly status: number;
  readonly affects: Affects;
  /** Ids of the findings folded under this one. */
  readonly explains: readonly string[];
  readonly azureMessage: string | null;
  /** What was tried to prove it, those that helped first. */
  readonly experiments: readonly Experiment[];
  readonly fix: Fix | undefined;
}
