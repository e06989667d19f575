import { isToleratedFault } from "../../../health/tolerated-faults.ts";
import type { Failing, JudgedExchange, Live } from "../../live-evidence.ts";

/** Faults that only say that a limit of the reader was passed: another reader may take more. */
const ofSize: ReadonlySet<string> = new Set([
  "head-too-large",
  "line-too-long",
  "field-too-long",
  "too-many-fields",
]);

/** Faults that are not of framing: what came is no answer at all, or not to what was asked. */
const ofOthers: ReadonlySet<string> = new Set([
  "invalid-status-line",
  "version-unsupported",
  "unasked-bytes",
  "body-after-no-body-status",
]);

/** 204 or 304, and bytes behind it. */
export function isBodyWhereNone(failing: Failing): boolean {
  const { http } = failing.observation;
  return faultOf(failing) === "body-after-no-body-status" && (http?.status === 204 || http?.status === 304);
}

export function isTooBig(failing: Failing): boolean {
  return ofSize.has(faultOf(failing) ?? "");
}

/** An answer that begins as HTTP/1.1 and then breaks its rules. */
export function isBrokenAnswer(failing: Failing): boolean {
  const kind = faultOf(failing);
  if (kind === undefined || ofSize.has(kind) || ofOthers.has(kind) || isUpgradeFault(kind)) return false;
  const begun = Buffer.from(failing.observation.http?.firstBytesBase64 ?? "", "base64").toString("latin1");
  return /^HTTP\/1\.\d \d{3}/.test(begun);
}

/** A 101 that does not answer the key that was sent. */
export function isUpgradeFault(kind: string | undefined): boolean {
  return kind?.startsWith("websocket-") === true;
}

/** Exchanges whose answers break rules that common proxies do not insist on: the gateway may take them. */
export function tolerable({ probes, requests }: Live): JudgedExchange[] {
  return [...probes, ...requests].filter(
    (one) => one.outcome === "undecided" && isToleratedFault(faultOf(one) ?? ""),
  );
}

export function faultOf({ kind, observation }: JudgedExchange): string | undefined {
  return kind === "http-invalid" ? observation.http?.fault?.kind : undefined;
}

/** The fault in words. */
export function faultWords(exchange: JudgedExchange): string {
  const { kind = "", offset = 0 } = exchange.observation.http?.fault ?? {};
  return `${words[kind] ?? kind} (byte ${offset})`;
}

const words: Readonly<Record<string, string>> = {
  "te-and-cl": "both Transfer-Encoding and Content-Length",
  "te-not-chunked": "a Transfer-Encoding that is not chunked",
  "te-in-http10": "Transfer-Encoding in an answer of HTTP/1.0",
  "cl-invalid": "a Content-Length that is no number",
  "cl-conflict": "several lengths that differ",
  "cl-repeated": "its length more than once",
  "chunk-size-invalid": "a chunk whose size is no number",
  "chunk-size-overflow": "a chunk of impossible size",
  "chunk-end-invalid": "a chunk that does not end where it says",
  "invalid-field-name": "a header name with a character that is not allowed",
  "space-before-colon": "a space between a header's name and its colon",
  "control-character": "a control character in a header",
  nul: "a null byte in a header",
  "obs-fold": "a header folded over two lines",
  "bare-lf": "lines that end in LF alone",
  "bare-cr": "a CR without its LF",
  "missing-colon": "a header line without a colon",
  "unexpected-upgrade": "101, which nobody asked for",
};
