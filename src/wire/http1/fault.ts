/** Everything that can be wrong with a message on the wire. The names are stable: observations and logs carry them. */
export const FAULT_KINDS = [
  // The start line (RFC 9112 §3, §4)
  "invalid-request-line",
  "invalid-status-line",
  "version-unsupported",
  "invalid-target",
  // Host (RFC 9112 §3.2)
  "host-missing",
  "host-repeated",
  "host-invalid",
  "host-mismatch",
  // Field lines (RFC 9112 §5, RFC 9110 §5.5)
  "invalid-field-name",
  "missing-colon",
  "space-before-colon",
  "obs-fold",
  "control-character",
  "nul",
  "bare-cr",
  "bare-lf",
  // Limits of ours
  "line-too-long",
  "field-too-long",
  "head-too-large",
  "too-many-fields",
  "trailers-too-large",
  "too-many-interim-responses",
  // Message body length (RFC 9112 §6)
  "te-and-cl",
  "te-not-chunked",
  "te-in-http10",
  "cl-invalid",
  "cl-conflict",
  "cl-repeated",
  "length-on-interim",
  // Chunked coding (RFC 9112 §7.1)
  "chunk-size-invalid",
  "chunk-size-overflow",
  "chunk-extensions-too-large",
  "chunk-end-invalid",
  // Responses (RFC 9110 §15)
  "unexpected-upgrade",
  "body-after-no-body-status",
  // The connection ended within the message (RFC 9112 §8)
  "truncated",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * `offset` is that of the first offending byte, counted from the first byte of the message (for a response: of the first
 * interim response before it). For `truncated` it is the number of bytes that came.
 */
export interface WireFault {
  readonly kind: FaultKind;
  readonly offset: number;
}
