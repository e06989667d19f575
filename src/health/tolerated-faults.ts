/**
 * Faults of framing, by their names in `wire`, that proxies in wide use put up with in responses, as nginx does in one
 * version or another and RFC 9112 §2.2, §5.2 let a recipient do: lines that end in LF alone, lines without a colon, folded
 * lines, odd names, control characters in values. Our reader refuses them all; whether somebody else's gateway does,
 * cannot be told from the response.
 */
const tolerated: ReadonlySet<string> = new Set([
  "bare-lf",
  "bare-cr",
  "missing-colon",
  "obs-fold",
  "space-before-colon",
  "invalid-field-name",
  "control-character",
]);

/** Whether common proxies may take a response with this fault. */
export function isToleratedFault(kind: string): boolean {
  return tolerated.has(kind);
}
