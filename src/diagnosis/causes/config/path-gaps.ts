import type { PathRule, RouteTarget, UrlPathMap } from "../../../model/gateway.ts";
import {
  compilePathMap,
  type PathRules,
  patternCovers,
  patternMatches,
  routingPath,
} from "../../../routing/path-match.ts";

/** A pattern that an earlier one of another rule, leading elsewhere, takes everything from. */
export interface DeadPattern {
  readonly rule: PathRule;
  readonly pattern: string;
  readonly by: { readonly rule: PathRule; readonly pattern: string };
  /** Whether a path was meant for the dead pattern. */
  readonly takes: (path: string) => boolean;
}

/** Paths a hair beside a pattern that go to another target. */
export interface Miss {
  readonly rule: PathRule;
  readonly pattern: string;
  readonly paths: readonly string[];
  /** The pattern that would take them. */
  readonly add: string;
}

export function deadPatterns(map: UrlPathMap, rules: PathRules): DeadPattern[] {
  const earlier: { rule: PathRule; pattern: string }[] = [];
  const dead: DeadPattern[] = [];
  for (const rule of map.pathRules) {
    for (const pattern of rule.paths) {
      const by = earlier.find(
        (other) => !sameTarget(other.rule, rule) && patternCovers(other.pattern, pattern, rules),
      );
      if (by !== undefined) {
        dead.push({ rule, pattern, by, takes: (path) => patternMatches(pattern, path, rules) });
      }
      earlier.push({ rule, pattern });
    }
  }
  return dead;
}

/** The neighbours a pattern leaves out: one path to try, and the pattern that would take it. */
function neighbourOf(pattern: string): { readonly probe: string; readonly add: string } | undefined {
  if (pattern === "/" || pattern === "/*") return undefined;
  if (pattern.endsWith("/*")) return { probe: pattern.slice(0, -2), add: pattern.slice(0, -2) };
  if (pattern.endsWith("*")) return undefined;
  if (pattern.endsWith("/")) return { probe: pattern.slice(0, -1), add: pattern.slice(0, -1) };
  // A last part with a dot is a file: nothing lies below it.
  return /\.[^/]+$/.test(pattern) ? undefined : { probe: `${pattern}/`, add: `${pattern}/*` };
}

interface Prone {
  readonly rule: PathRule;
  readonly pattern: string;
  readonly add: string;
  /** Where the neighbours go instead. */
  readonly lands: PathRule | "default";
}

/** Patterns whose neighbours go to another target. */
export function pronePatterns(map: UrlPathMap, rules: PathRules): Prone[] {
  const matcher = compilePathMap(map, rules);
  return map.pathRules.flatMap((rule) =>
    rule.paths.flatMap((pattern) => {
      const neighbour = neighbourOf(pattern);
      if (neighbour === undefined) return [];
      const lands = matcher.match(neighbour.probe);
      const target = lands === "default" ? map.defaultTarget : lands;
      return sameTarget(target, rule) ? [] : [{ rule, pattern, add: neighbour.add, lands }];
    }),
  );
}

/** Paths seen to fail that a prone pattern's neighbour would have taken. */
export function missesOf<T extends { readonly path: string }>(
  map: UrlPathMap,
  failing: readonly T[],
  rules: PathRules,
): { miss: Miss; hits: T[] }[] {
  const matcher = compilePathMap(map, rules);
  return pronePatterns(map, rules).flatMap(({ rule, pattern, add }) => {
    const hits = failing.filter(({ path }) => {
      const asked = routingPath(path, rules.generation);
      if (!patternMatches(add, asked, rules)) return false;
      const lands = matcher.match(asked);
      return lands !== rule && !sameTarget(lands === "default" ? map.defaultTarget : lands, rule);
    });
    if (hits.length === 0) return [];
    return [{ miss: { rule, pattern, add, paths: [...new Set(hits.map(({ path }) => path))] }, hits }];
  });
}

function sameTarget(one: RouteTarget, other: RouteTarget): boolean {
  return (
    one.pool?.target === other.pool?.target &&
    one.setting?.target === other.setting?.target &&
    one.redirect?.target === other.redirect?.target
  );
}
