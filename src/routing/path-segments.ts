import type { Generation } from "../model/gateway.ts";

/** What may stand between two segments, and a segment of dots, by generation: v2 decodes percent signs before it looks. */
const forms = {
  v1: { separator: /(\/)/, dots: /^\.{1,2}$/ },
  v2: { separator: /(\/|%2f)/i, dots: /^(?:\.|%2e){1,2}$/i },
} as const;

/**
 * A path whose segments `.` and `..` are taken out (RFC 3986 §5.2.4) and whose slashes in a row are one, as servers read
 * it; everything else stays as it was sent. `..` does not lead above the root.
 */
export function resolvedPath(path: string, generation: Generation): string {
  if (!mayHold(path) || !path.startsWith("/")) return path;
  const { separator, dots } = forms[generation];
  // Segments at even places, what stands in front of them at odd ones.
  const pieces = path.split(separator);
  const kept: string[] = [];
  let open = false;
  for (let at = 2; at < pieces.length; at += 2) {
    const segment = pieces[at] ?? "";
    const isDots = dots.test(segment);
    open = isDots || segment === "";
    if (isDots && isUp(segment)) kept.pop();
    else if (!open) kept.push(`${pieces[at - 1]}${segment}`);
  }
  return kept.join("") + (open ? "/" : "");
}

/** Most paths do not. */
function mayHold(path: string): boolean {
  return path.includes("//") || path.includes("/.") || path.includes("%2");
}

/** Two dots, one letter or three each. */
const isUp = (dots: string): boolean => dots.replace(/%2e/gi, ".").length === 2;
