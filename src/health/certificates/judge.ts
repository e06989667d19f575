import type { HealthMessageKey } from "../message.ts";
import { isMeantFor, readCertificate, sameCertificate, shownName } from "./certificate.ts";
import type { CertificateFault, CertificateFaultKind, ChainPosition, JudgedCertificate } from "./faults.ts";
import { isForName, namesOf } from "./names.ts";
import { type CertificatePath, findPath, type Link, type Sources } from "./path.ts";
import { type TrustFault, trustFault } from "./trust.ts";
import { TrustStore } from "./trust-store.ts";

export interface ChainToJudge {
  readonly generation: "v1" | "v2";
  /** DER, in the order the server sent them. */
  readonly chain: readonly Buffer[];
  /** The name the certificate must be for; undefined = no name was sent, and none is compared. */
  readonly name: string | undefined;
  /** The setting's `validateSNI`. */
  readonly nameChecked: boolean;
  /** The setting's `validateCertChainAndExpiry`. */
  readonly chainChecked: boolean;
  /** v2: the roots attached to the setting, DER or PEM. */
  readonly trustedRoots: readonly (Buffer | string)[];
  readonly wellKnownRoots: TrustStore;
  /** v1: the authentication certificates attached to the setting. */
  readonly authenticationCertificates: readonly (Buffer | string)[];
  /** v1 trusts services of Azure without an authentication certificate. */
  readonly azureService: boolean;
  readonly nowMs: number;
}

export interface ChainJudgement {
  /** In the order in which the gateway comes to them: chain, dates, name. */
  readonly faults: readonly CertificateFault[];
  /** What backend health would say: the first enforced fault's message; undefined = the chain is accepted. */
  readonly message: HealthMessageKey | undefined;
  /** Places in the chain at which no certificate stands. */
  readonly unreadableAt: readonly number[];
  /** The leaf's names; empty when there is no leaf. */
  readonly names: readonly string[];
  /** From the leaf as far as the issuers are known. */
  readonly path: readonly JudgedCertificate[];
  readonly anchor: "uploaded" | "well-known" | undefined;
}

/** Certificates of a chain that are looked at. */
const chainLimit = 32;

/**
 * Judges the chain a server sent by the gateway's rules (request-handling.md §8.2), every fault apart. Faults the
 * setting's switches let pass are reported as not enforced: the on-demand test of the portal still stumbles over them.
 */
export function judgeChain(input: ChainToJudge): ChainJudgement {
  const looked = input.chain.slice(0, chainLimit).map((der) => readCertificate(der));
  const sent = looked.flatMap((certificate, index): Link[] =>
    certificate === undefined ? [] : [{ certificate, from: "sent", index }],
  );
  const unreadableAt = looked.flatMap((certificate, index) => (certificate === undefined ? [index] : []));
  const faults = unreadableAt.length > 0 ? [fault("unreadable", "verify", true)] : [];
  // Nothing can be said of a chain whose leaf cannot be read.
  const judged = unreadableAt.includes(0) ? unjudged : judgeReadable(input, sent);
  return judgement({ ...judged, faults: [...faults, ...judged.faults] }, unreadableAt);
}

interface Judged {
  readonly faults: readonly CertificateFault[];
  readonly leaf: Link | undefined;
  readonly path: CertificatePath | undefined;
}

const unjudged: Judged = { faults: [], leaf: undefined, path: undefined };

function judgeReadable(input: ChainToJudge, sent: readonly Link[]): Judged {
  const [first] = sent;
  if (first === undefined) return { ...unjudged, faults: [fault("leaf-missing", "no-leaf", true)] };
  return input.generation === "v1" ? judgeV1(input, first) : judgeV2(input, sent, first);
}

/** v1 compares the leaf with the uploaded ones byte by byte and looks at no chain. */
function judgeV1(input: ChainToJudge, leaf: Link): Judged {
  const known = new TrustStore(input.authenticationCertificates).certificates.some((one) =>
    sameCertificate(one, leaf.certificate),
  );
  const path: CertificatePath = { links: [leaf], anchor: undefined };
  const trusted = known || input.azureService;
  const faults = [
    ...(trusted
      ? []
      : [fault("not-an-authentication-certificate", "v1-cert", true, { about: leaf, in: path })]),
    ...dateFaults(path, input),
    ...nameFaults(leaf, path, input),
  ];
  return { faults, leaf, path };
}

function judgeV2(input: ChainToJudge, sent: readonly Link[], first: Link): Judged {
  const sources: Sources = {
    sent,
    uploaded: new TrustStore(input.trustedRoots),
    wellKnown: input.wellKnownRoots,
    nowMs: input.nowMs,
  };
  const leaf = leafOf(sent, input.name);
  const path = findPath(leaf ?? first, sources);
  const faults = [
    ...leafFaults(path, leaf, first, input.chainChecked),
    ...trustFaults(path, sources, input.chainChecked),
    ...signerFaults(path, input.chainChecked),
    ...purposeFaults(path, leaf, input.chainChecked),
    ...dateFaults(path, input),
    ...(leaf === undefined ? [] : nameFaults(leaf, path, input)),
    ...orderFaults(path),
  ];
  return { faults, leaf, path };
}

/**
 * The end entity among what was sent. A CA certificate may serve as one: alone and self-signed, or first with the name
 * asked for, or first with names while nothing else is one.
 */
function leafOf(sent: readonly Link[], name: string | undefined): Link | undefined {
  const endEntity = sent.find(({ certificate }) => !certificate.isCa);
  const [first] = sent;
  if (first === undefined || first === endEntity) return endEntity;
  const { x509, selfSigned } = first.certificate;
  const serves =
    (sent.length === 1 && selfSigned) ||
    (name !== undefined && isForName(x509, name)) ||
    (endEntity === undefined && x509.subjectAltName !== undefined);
  return serves ? first : endEntity;
}

function leafFaults(
  path: CertificatePath,
  leaf: Link | undefined,
  first: Link,
  enforced: boolean,
): CertificateFault[] {
  if (leaf === undefined) return [fault("leaf-missing", "no-leaf", enforced, { about: first })];
  return leaf === first ? [] : [fault("leaf-not-first", "leaf-order", enforced, { about: leaf, in: path })];
}

function trustFaults(path: CertificatePath, sources: Sources, enforced: boolean): CertificateFault[] {
  const found = trustFault(path, sources);
  if (found === undefined) return [];
  const { kind, message, about, rivals } = found;
  return [fault(kind, message, enforced, { about, in: path, rivals })];
}

function signerFaults(path: CertificatePath, enforced: boolean): CertificateFault[] {
  return path.links
    .slice(1)
    .filter(({ certificate }) => !certificate.isCa)
    .map((link) => fault("issuer-not-ca", "verify", enforced, { about: link, in: path }));
}

function purposeFaults(path: CertificatePath, leaf: Link | undefined, enforced: boolean): CertificateFault[] {
  if (leaf === undefined || isMeantFor(leaf.certificate, "servers")) return [];
  return [fault("not-for-servers", "verify", enforced, { about: leaf, in: path })];
}

function dateFaults(path: CertificatePath, { nowMs, chainChecked }: ChainToJudge): CertificateFault[] {
  return path.links.flatMap((link) => {
    const { notBeforeMs, notAfterMs } = link.certificate;
    if (nowMs >= notBeforeMs && nowMs <= notAfterMs) return [];
    const kind = nowMs > notAfterMs ? "expired" : "not-yet-valid";
    return [fault(kind, "expired", chainChecked, { about: link, in: path })];
  });
}

function nameFaults(leaf: Link, path: CertificatePath, input: ChainToJudge): CertificateFault[] {
  if (input.name === undefined || isForName(leaf.certificate.x509, input.name)) return [];
  const message = input.generation === "v1" ? "cn-old" : "cn-v2";
  return [fault("name-mismatch", message, input.nameChecked, { about: leaf, in: path })];
}

/** RFC 8446 §4.4.2 tolerates it, and so does what the gateway is built on. */
function orderFaults(path: CertificatePath): CertificateFault[] {
  const sent = path.links.slice(1).filter(({ from }) => from === "sent");
  const early = sent.find((link, at) => link.index < (sent[at - 1]?.index ?? -1));
  return early === undefined ? [] : [fault("order-after-leaf", undefined, false, { about: early, in: path })];
}

function positionIn({ links }: CertificatePath, link: Link): ChainPosition {
  if (link === links[0]) return "leaf";
  return link.certificate.selfSigned ? "root" : "intermediate";
}

function fault(
  kind: CertificateFaultKind,
  message: HealthMessageKey | undefined,
  enforced: boolean,
  place: {
    readonly about?: Link;
    readonly in?: CertificatePath;
    readonly rivals?: TrustFault["rivals"];
  } = {},
): CertificateFault {
  const { about, in: path, rivals = [] } = place;
  return {
    kind,
    message,
    enforced,
    about: about && shown(about),
    position: about && path && positionIn(path, about),
    rivals,
  };
}

function judgement({ faults, leaf, path }: Judged, unreadableAt: readonly number[]): ChainJudgement {
  return {
    faults,
    message: faults.find(({ enforced }) => enforced)?.message,
    unreadableAt,
    names: leaf === undefined ? [] : namesOf(leaf.certificate.x509),
    path: path?.links.map(shown) ?? [],
    anchor: path?.anchor,
  };
}

function shown({ certificate, from, index }: Link): JudgedCertificate {
  const { subject, issuer, notBeforeMs, notAfterMs, x509 } = certificate;
  return {
    from,
    index,
    subject: shownName(subject),
    issuer: shownName(issuer),
    notBeforeMs,
    notAfterMs,
    sha256: x509.fingerprint256,
  };
}
