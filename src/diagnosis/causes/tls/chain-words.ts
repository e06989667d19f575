import {
  type ReadCertificate,
  readCertificate,
  shownName,
} from "../../../health/certificates/certificate.ts";
import { certificateFaultSays } from "../../../health/certificates/fault-words.ts";
import type { CertificateFault, ChainPosition } from "../../../health/certificates/faults.ts";
import type { Evidence } from "../../finding.ts";
import type { JudgedExchange } from "../../live-evidence.ts";
import { evidence } from "../../statements.ts";

const chainShown = 6;

/** The chain as it was sent, and what else the gateway would stumble over once the first fault is gone. */
export function chainEvidence({ observation, chain, source, plan }: JudgedExchange): Evidence[] {
  const sent = observation.tls?.chain ?? [];
  if (sent.length === 0) return [];
  const read = sent
    .slice(0, chainShown)
    .map(({ derBase64 }) => readCertificate(Buffer.from(derBase64, "base64")));
  const listedWords = read.map(
    (one, index) => `${index + 1}. ${one === undefined ? "unreadable" : rowOf(one)}`,
  );
  const more = sent.length > chainShown ? `; and ${sent.length - chainShown} more` : "";
  const [, ...others] = (chain?.faults ?? []).filter(({ enforced }) => enforced);
  return [
    evidence(
      `the certificates in the order in which they were sent: ${listedWords.join("; ")}${more}`,
      source,
    ),
    ...others.map((one) =>
      evidence(`the gateway also refuses it because ${certificateFaultSays(one, plan.sni)}`, source),
    ),
  ];
}

/** `CN=shop (number 1 of 3 sent)`; undefined when the fault is about no certificate. */
export function certificateWords(
  fault: CertificateFault | undefined,
  exchange: JudgedExchange | undefined,
): string | undefined {
  const about = fault?.about;
  if (about === undefined) return undefined;
  const count = exchange?.observation.tls?.chain?.length ?? 0;
  const places = {
    sent: `number ${about.index + 1} of ${count} sent`,
    uploaded: "attached to the backend setting",
    "well-known": "known to everybody",
  };
  return `${about.subject === "" ? "without a subject" : about.subject} (${places[about.from]})`;
}

export function positionWords(position: ChainPosition | undefined): string {
  if (position === undefined || position === "leaf") return "server certificate";
  return position === "root" ? "root certificate" : "intermediate certificate";
}

/** `valid from 2026-01-01 to 2026-06-30` */
export function periodWords({ notBeforeMs, notAfterMs }: Period): string {
  return `valid from ${dayOf(notBeforeMs)} to ${dayOf(notAfterMs)}`;
}

interface Period {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

function dayOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : "an unreadable date";
}

function rowOf(one: ReadCertificate): string {
  const by = one.selfSigned ? "signed by itself" : `issued by ${shownName(one.issuer)}`;
  return `${shownName(one.subject)}, ${by}, ${periodWords(one)}${one.isCa ? ", an authority" : ""}`;
}
