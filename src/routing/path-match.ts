import type { Generation, PathRule, UrlPathMap } from "../model/gateway.ts";
import { resolvedPath } from "./path-segments.ts";

/** How paths compare; the switch is `Switches.pathCase`. */
export interface PathRules {
  readonly generation: Generation;
  readonly pathCase: "insensitive" | "sensitive";
}

/** A path map made ready: asked once per request. */
export interface PathMatcher {
  /** The path rule a request path leads to, or `"default"`. `path` is what `routingPath` gives. */
  match(path: string): PathRule | "default";
  /** The pattern that takes a path, with its rule; undefined = the default target gets it. */
  find(path: string): MatchedPattern | undefined;
}

/** A pattern as the path rule has it. */
export interface MatchedPattern {
  readonly rule: PathRule;
  readonly pattern: string;
}

/**
 * The path that routing looks at (request-handling.md §3): everything from the first `?` or `#` is dropped; v2 decodes
 * percent signs first, so that `/a%2Fb` is `/a/b`, v1 does not. `segments`: the switch `Switches.pathSegments`.
 */
export function routingPath(
  requestTarget: string,
  generation: Generation,
  segments: "resolved" | "as-sent" = "resolved",
): string {
  const end = requestTarget.search(/[?#]/);
  const sent = end < 0 ? requestTarget : requestTarget.slice(0, end);
  const path = segments === "resolved" ? resolvedPath(sent, generation) : sent;
  return generation === "v1" ? path : decodePercent(path);
}

/** The first pattern that matches wins, in the order stored; rule priority has no say in it. */
export function compilePathMap(map: UrlPathMap, rules: PathRules): PathMatcher {
  const patterns = map.pathRules.flatMap((rule) =>
    rule.paths.map((pattern) => ({ rule, pattern, compiled: compilePattern(pattern, rules) })),
  );
  const find = (path: string): MatchedPattern | undefined => {
    const wanted = folded(path, rules);
    return patterns.find(({ compiled }) => matches(compiled, wanted));
  };
  return { find, match: (path) => find(path)?.rule ?? "default" };
}

/** Whether one pattern, such as `/images/*`, takes this path. */
export function patternMatches(pattern: string, path: string, rules: PathRules): boolean {
  return matches(compilePattern(pattern, rules), folded(path, rules));
}

/**
 * What stands in a request path behind the fixed part of the pattern that took it, as the client wrote it; empty for exact
 * patterns.
 */
export function behindPattern(pattern: string, requestPath: string, rules: PathRules): string {
  const { text } = compilePattern(pattern, rules);
  if (folded(requestPath.slice(0, text.length), rules) === text) return requestPath.slice(text.length);
  if (rules.generation === "v1") return requestPath;
  // The pattern is compared with what is decoded: an escape takes three letters, and up to four of them make one.
  for (let end = text.length; end <= Math.min(requestPath.length, text.length * 12); end++) {
    if (folded(decodePercent(requestPath.slice(0, end)), rules) === text) return requestPath.slice(end);
  }
  return requestPath;
}

/** Whether `wide` takes every path that `narrow` takes, so that behind it `narrow` never matches. */
export function patternCovers(wide: string, narrow: string, rules: PathRules): boolean {
  const outer = compilePattern(wide, rules);
  const inner = compilePattern(narrow, rules);
  if (outer.kind === "exact") return inner.kind === "exact" && inner.text === outer.text;
  return inner.text.startsWith(outer.text);
}

/** Without `*` a pattern is the whole path, trailing slash and all; with it, a prefix. */
interface Pattern {
  readonly kind: "exact" | "prefix";
  readonly text: string;
}

function compilePattern(pattern: string, rules: PathRules): Pattern {
  const text = folded(pattern, rules);
  return text.endsWith("*") ? { kind: "prefix", text: text.slice(0, -1) } : { kind: "exact", text };
}

function matches({ kind, text }: Pattern, path: string): boolean {
  return kind === "exact" ? path === text : path.startsWith(text);
}

function folded(path: string, { pathCase }: PathRules): string {
  return pathCase === "insensitive" ? path.toLowerCase() : path;
}

/** Whole runs of escapes, because one letter may take several; what is not an escape stays. */
function decodePercent(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
