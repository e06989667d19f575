import { type CertificateCause, causeOfFault } from "../../../health/certificates/chain-causes.ts";
import type { CertificateFault, CertificateFaultKind } from "../../../health/certificates/faults.ts";
import { type Experiment, flipOf } from "../../experiment.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { addingTrials, type KnownFacets, trustTrials } from "./known-certificates.ts";
import { type NameFacets, nameQuestion } from "./names-to-ask.ts";

/** What judging a chain that was seen live needs. */
export type ChainFacets = NameFacets & KnownFacets;

/** One fault of a chain as the server sent it, and how sure it is that this is what is wrong. */
export interface SeenFault {
  readonly cause: CertificateCause;
  /** `state`: the certificates themselves say it, and nothing else can be meant. */
  readonly basis: "state" | "observed-likely";
  /** Undefined where the server refuses the name without sending a certificate. */
  readonly fault: CertificateFault | undefined;
  /** Another name that the server takes. */
  readonly named: Experiment | undefined;
}

/**
 * What is wrong with the certificates of an exchange. The chain decides, not the text: the first fault for which the
 * gateway refuses it, and beside it the name. As long as another name may bring another certificate, nothing about this
 * one is certain.
 */
export function seenFaults(facets: ChainFacets, exchange: JudgedExchange): readonly SeenFault[] {
  const name = nameQuestion(facets, exchange);
  const enforced = enforcedFaults(exchange);
  const mismatch = enforced.find(({ kind }) => kind === "name-mismatch");
  if (name.is === "answered") {
    return [{ cause: "tls-name-probe", basis: "observed-likely", fault: mismatch, named: name.by }];
  }
  const certain = name.is === "closed";
  const none = { fault: undefined, named: undefined };
  if (isNameUnknown(exchange)) return [{ cause: "tls-name-probe", basis: basisIf(certain), ...none }];
  if (exchange.kind !== "certificate") return [];
  if (isPerhapsDefault(exchange) && !certain) {
    return [{ cause: "tls-name-probe", basis: "observed-likely", ...none }];
  }
  const first = enforced.find(({ kind }) => kind !== "name-mismatch");
  const faults: SeenFault[] = [];
  if (mismatch !== undefined) {
    faults.push({ cause: "tls-name-probe", basis: basisIf(certain), fault: mismatch, named: undefined });
  }
  if (first !== undefined) {
    const cause = apart(facets, exchange, first) ?? causeOfFault(first);
    const basis = basisIf(certain && first.rivals.length === 0);
    faults.push({ cause, basis, fault: first, named: undefined });
  }
  return faults;
}

/** The alert that means nothing else (RFC 6066 §3). */
export function isNameUnknown({ kind, observation: { tls } }: JudgedExchange): boolean {
  return kind === "tls-alert" && (tls?.alert ?? tls?.lateAlert) === "unrecognized_name";
}

/**
 * A probe that asks for no name gets what the server has for those: as long as nobody asked under a name for which the
 * server may have another certificate, what is wrong with this one tells nothing. Asked by `nameQuestion`: it is for none of
 * the names that the gateway or its clients use.
 */
function isPerhapsDefault({ plan }: JudgedExchange): boolean {
  return plan.purpose === "probe" && plan.sni === undefined;
}

/** The faults for which the gateway refuses a chain; empty where the exchange did not fail for its certificates. */
export function enforcedFaults({ kind, chain }: JudgedExchange): readonly CertificateFault[] {
  return kind === "certificate" ? (chain?.faults.filter(({ enforced }) => enforced) ?? []) : [];
}

/** The only fault, where nothing about it depends on the name: then the same answer can be judged as if it were not. */
export function onlyFault(
  facets: ChainFacets,
  failing: Failing,
  ...kinds: readonly CertificateFaultKind[]
): CertificateFault | undefined {
  const [fault, ...others] = enforcedFaults(failing);
  if (fault === undefined || others.length > 0) return undefined;
  const meant = kinds.includes(fault.kind) || fault.rivals.some((rival) => kinds.includes(rival));
  return meant && nameQuestion(facets, failing).is === "closed" ? fault : undefined;
}

/** The rival of a fault whose remedy, reckoned, makes the chain acceptable while the fault's own does not. */
function apart(
  facets: ChainFacets,
  exchange: JudgedExchange,
  fault: CertificateFault,
): CertificateCause | undefined {
  const [rival] = fault.rivals;
  if (rival === undefined || onlyFault(facets, exchange, fault.kind) === undefined) return undefined;
  const remedy = (kind: CertificateFaultKind) =>
    kind === "intermediate-missing" ? addingTrials(facets, exchange) : trustTrials(facets, exchange);
  if (flipOf(facets.live, exchange, remedy(fault.kind)) !== undefined) return undefined;
  const other = flipOf(facets.live, exchange, remedy(rival));
  return other === undefined ? undefined : causeOfFault({ ...fault, kind: rival });
}

function basisIf(certain: boolean): SeenFault["basis"] {
  return certain ? "state" : "observed-likely";
}
