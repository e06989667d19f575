import { COLON, hostBytes, isDigit, matchesAt } from "./bytes.ts";

export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** The form of a request target (RFC 9112 §3.2); undefined when it has none of the four that the method allows. */
export function targetForm(method: string, target: string): TargetForm | undefined {
  if (method === "CONNECT") return target.includes(":") && isAuthority(target) ? "authority" : undefined;
  if (target.startsWith("/")) return "origin";
  if (target === "*") return method === "OPTIONS" ? "asterisk" : undefined;
  const authority = authorityOf(target);
  return authority !== undefined && authority !== "" && isAuthority(authority) ? "absolute" : undefined;
}

/** What stands between `//` and the path of an `http` or `https` target. */
export function authorityOf(target: string): string | undefined {
  const start = matchesAt(target, 0, "http://") ? 7 : matchesAt(target, 0, "https://") ? 8 : -1;
  if (start < 0) return undefined;
  let end = start;
  while (end < target.length && target[end] !== "/" && target[end] !== "?") end += 1;
  return target.slice(start, end);
}

/** `uri-host [ ":" port ]` (RFC 9110 §7.2): no user information, no list; the empty host is allowed. */
export function isAuthority(text: string): boolean {
  const { length } = text;
  let at = text.charCodeAt(0) === OPEN ? afterLiteral(text) : 0;
  if (at < 0) return false;
  if (at === 0) while (at < length && hostBytes[text.charCodeAt(at)] === 1) at += 1;
  if (at === length) return true;
  if (text.charCodeAt(at) !== COLON || length - at > 6) return false;
  for (let index = at + 1; index < length; index++) if (!isDigit(text.charCodeAt(index))) return false;
  return true;
}

const OPEN = 0x5b;

/** The index behind an IP literal, or -1. */
function afterLiteral(text: string): number {
  let at = 1;
  while (at < text.length && (text[at] === ":" || hostBytes[text.charCodeAt(at)] === 1)) at += 1;
  return at > 1 && text[at] === "]" ? at + 1 : -1;
}
