import { keptHeader } from "../../model/kept-values.ts";
import type { InvalidResponse } from "../upstream/invalid-response.ts";

/** An answer that was none, with everything masked that may be secret: the values that `keptHeader` withholds, and the body. */
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

/** `whole`: it begins with the status line; otherwise it may begin in the middle of anything, and be no head at all. */
function maskedHead(text: string, whole: boolean): readonly string[] {
  if (!whole) return text.split("\n").map(lengthOf);
  if (!text.startsWith("HTTP/")) return [`${text.length} bytes that do not begin as HTTP`];
  const [head = "", ...body] = text.split(/\r?\n\r?\n/);
  const lines = head.split("\n").map((line, at) => (at === 0 ? line.slice(0, 13) : maskedLine(line)));
  const bodyLength = body.join("\n\n").length;
  return bodyLength === 0 ? lines : [...lines, `${bodyLength} bytes behind the head`];
}

const lengthOf = (line: string): string => `${line.length} bytes`;

function maskedLine(line: string): string {
  if (/^[ \t]/.test(line)) return `${line.length} bytes that begin with a space`;
  const colon = line.indexOf(":");
  if (colon < 0) return `${line.length} bytes without a colon`;
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1);
  const kept = keptHeader({ name: name.trim(), value: value.trim() });
  return kept.value === value.trim() ? line : `${name}: ${value.trim().length} bytes`;
}
