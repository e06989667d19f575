import type { FaultKind } from "../../wire/http1/fault.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";

/** What the v2 log calls a fault of a request (logs-and-metrics.md §3); the others are `ERRORINFO_INVALID_REQUEST`. */
const names: Partial<Record<FaultKind, string>> = {
  "version-unsupported": "ERRORINFO_INVALID_VERSION",
  "invalid-target": "ERRORINFO_REQUEST_URI_INVALID",
  "line-too-long": "ERRORINFO_REQUEST_URI_INVALID",
  "host-missing": "ERRORINFO_HTTP_NO_HOST_HEADER",
  "host-repeated": "ERRORINFO_INVALID_HOST",
  "host-invalid": "ERRORINFO_INVALID_HOST",
  "host-mismatch": "ERRORINFO_INVALID_HOST",
  "te-and-cl": "ERRORINFO_INVALID_CONTENT_LENGTH",
  "cl-invalid": "ERRORINFO_INVALID_CONTENT_LENGTH",
  "cl-conflict": "ERRORINFO_INVALID_CONTENT_LENGTH",
  "cl-repeated": "ERRORINFO_INVALID_CONTENT_LENGTH",
};

/** 400, whatever it is; nobody knows where another request would begin, so the connection ends. */
export function answerToFault(kind: FaultKind, offset?: number): OwnAnswer {
  return {
    status: 400,
    ending: kind === "truncated" ? "CR" : "PR",
    errorInfo: names[kind] ?? "ERRORINFO_INVALID_REQUEST",
    fault: { kind, offset },
    close: true,
  };
}

/** The request did not come to its end in time. */
export const tooSlow: OwnAnswer = {
  status: 408,
  ending: "cR",
  errorInfo: "ERRORINFO_CLIENT_TIMED_OUT",
  close: true,
};

/** Plain HTTP where TLS is spoken. */
export const plainOnTls: OwnAnswer = {
  status: 400,
  ending: "PR",
  errorInfo: "ERRORINFO_HTTP_TO_HTTPS_PORT",
  close: true,
};

/** Mutual TLS with a certificate that does not fit: no word of the log's own is documented for it. */
export const unfitClientCertificate: OwnAnswer = {
  status: 400,
  ending: "PR",
  errorInfo: "ERRORINFO_INVALID_REQUEST",
  close: true,
};

/** Mutual TLS without a certificate (request-handling.md §9). */
export const noClientCertificate: OwnAnswer = {
  status: 400,
  ending: "PR",
  errorInfo: "ERRORINFO_HTTPS_NO_CERT",
  close: true,
};
