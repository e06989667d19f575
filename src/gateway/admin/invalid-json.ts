import type { InvalidResponse } from "../upstream/invalid-response.ts";

/** Fields whose values may be what is wrong, and hold no secret. */
const shown: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "content-length",
  "connection",
  "content-type",
  "upgrade",
]);

/** An answer that was none, with everything masked that may be secret: values of most fields, and the body. */
export function invalidJson({
  atMs,
  server,
  fault,
  bytes,
  bytesFrom,
}: InvalidResponse): Readonly<Record<string, unknown>> {
  const text = bytes.toString("latin1");
  return {
    at: new Date(atMs).toISOString(),
    server,
    fault: fault.kind,
    offset: fault.offset,
    shownFrom: bytesFrom,
    lines: maskedHead(text, bytesFrom === 0),
  };
}

/** `whole`: it begins with the status line; otherwise the first line may be the end of anything. */
function maskedHead(text: string, whole: boolean): readonly string[] {
  if (whole && !text.startsWith("HTTP/")) return [`${text.length} bytes that do not begin as HTTP`];
  const [head = "", ...body] = text.split(/\r?\n\r?\n/);
  const lines = head
    .split("\n")
    .map((line, at) => (at === 0 && whole ? line.slice(0, 13) : maskedLine(line)));
  const bodyLength = body.join("\n\n").length;
  return bodyLength === 0 ? lines : [...lines, `${bodyLength} bytes behind the head`];
}

function maskedLine(line: string): string {
  const colon = line.indexOf(":");
  if (colon < 0) return `${line.length} bytes without a colon`;
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1);
  return shown.has(name.trim().toLowerCase()) ? line : `${name}: ${value.trim().length} bytes`;
}
