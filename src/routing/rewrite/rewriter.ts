import type { Gateway, RewriteRuleSet } from "../../model/gateway.ts";
import type { BackendRoute, RequestRoute, Router } from "../request-route.ts";
import type { Wiring } from "../routes.ts";
import { type FieldChange, type RequestFacts, RequestView } from "./facts.ts";
import { type OpenRule, openForAll, rewriteRequest } from "./request-side.ts";
import {
  alwaysReroutes,
  type CompiledRewriteSet,
  compileRewriteSet,
  type RewriteProblem,
  type RewriteUse,
} from "./rule-set.ts";

/** The way to a server, as routing found it. */
export type BackendTaken = Extract<RequestRoute, { to: "backend" }>;

/** A request that goes on to a server. */
export interface Forward {
  readonly outcome: "forward";
  /** Another one than before where it was rerouted; `rest` is that of the rewritten path. */
  readonly taken: BackendTaken;
  /** Origin form, rewritten. */
  readonly target: string;
  /** Set by a rule; undefined = no rule did. */
  readonly host: string | undefined;
  /** What becomes of its fields; Host is not among them. */
  readonly changes: readonly FieldChange[];
  /** Rules that wait for the answer, with what they need then. */
  readonly response: OpenResponse | undefined;
}

export interface OpenResponse {
  readonly open: readonly OpenRule[];
  readonly view: RequestView;
}

/** Rules made it take a way that leads to no server, such as a redirect: that is its answer. */
export interface AnswerInstead {
  readonly outcome: "answer";
  readonly by: Extract<RequestRoute, { to: "none" }>;
}

/** It was rerouted in a circle: the client gets 500. */
export interface RewriteLoop {
  readonly outcome: "loop";
}

/** The rewrites of a gateway made ready: asked once per request. */
export interface Rewriter {
  /** What the configuration says and is not done. */
  readonly problems: readonly RewriteProblem[];
  /**
   * Lets the rules of the route act. Undefined = nothing changes and no rule waits for the answer. `facts` are lazy: asked
   * only by rules that look at them.
   */
  rewrite(taken: BackendTaken, facts: () => RequestFacts): Forward | AnswerInstead | RewriteLoop | undefined;
}

/** However a path grows with every round, it ends. */
const mostRounds = 16;

interface SetOfRoute {
  readonly set: CompiledRewriteSet;
  /** The rules that wait for the answer, where they are always the same and nothing is done before. */
  readonly waiting: readonly OpenRule[] | undefined;
}

/** Compiles every set that a route uses (request-handling.md §5). */
export function rewriterOf(
  gateway: Gateway,
  { routes }: Pick<Wiring, "routes">,
  router: Pick<Router, "rerouted" | "restOf">,
  { passOver }: Pick<RewriteUse, "passOver"> = {},
): Rewriter {
  const problems: RewriteProblem[] = [];
  const use: RewriteUse = {
    generation: gateway.generation,
    tier: gateway.sku.tier,
    ...(passOver && { passOver }),
  };
  const compiled = new Map<RewriteRuleSet, CompiledRewriteSet>();
  const compiledOf = (set: RewriteRuleSet): CompiledRewriteSet => {
    const known = compiled.get(set);
    if (known !== undefined) return known;
    const made = compileRewriteSet(set, use);
    compiled.set(set, made.set);
    problems.push(...made.problems);
    return made.set;
  };
  const sets = new Map<BackendRoute, SetOfRoute>();
  for (const route of routes) {
    const target = route.leadsTo.rewriteRuleSet?.target;
    if (target === undefined) continue;
    const set = compiledOf(target);
    problems.push(...rerouteProblems(set, route.pathMap !== undefined));
    if (route.pair !== undefined && set.rules.length > 0) {
      sets.set(route as BackendRoute, { set, waiting: openForAll(set) });
    }
  }
  return {
    problems: unrepeated(problems),
    rewrite: (taken, facts) => {
      const first = sets.get(taken.route);
      if (first === undefined) return undefined;
      const view = new RequestView(facts());
      if (first.waiting !== undefined) {
        const { target } = view;
        return {
          outcome: "forward",
          taken,
          target,
          host: undefined,
          changes: [],
          response: { open: first.waiting, view },
        };
      }
      return rounds(taken, view, sets, router);
    },
  };
}

/** What Azure refuses: a Basic rule has no path map, and a set that always reroutes never ends. */
function rerouteProblems(set: CompiledRewriteSet, hasPathMap: boolean): RewriteProblem[] {
  const rerouting = set.rules.find(({ url }) => url?.reroute);
  if (rerouting === undefined) return [];
  const about = { set: set.name, rule: rerouting.name };
  if (!hasPathMap) {
    return [
      { ...about, problem: "reroute-refused", detail: "a Basic rule has no path map to evaluate again" },
    ];
  }
  if (!alwaysReroutes(set)) return [];
  return [
    { ...about, problem: "always-reroutes", detail: "no rule is conditional or leaves the route as it is" },
  ];
}

function unrepeated(problems: readonly RewriteProblem[]): readonly RewriteProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** Rewrites, and follows the path map as often as rules ask for it. */
function rounds(
  first: BackendTaken,
  view: RequestView,
  sets: ReadonlyMap<BackendRoute, SetOfRoute>,
  router: Pick<Router, "rerouted" | "restOf">,
): Forward | AnswerInstead | RewriteLoop | undefined {
  const open: OpenRule[] = [];
  const { path, target } = view;
  let taken = first;
  const seen = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const own = sets.get(taken.route);
    const reroute = own !== undefined && rewriteRequest(own.set, view, open);
    if (!reroute || taken.route.pathMap === undefined) return forward(taken, view);
    const next = router.rerouted(taken.route, view.target);
    if (next.to === "none") return { outcome: "answer", by: next };
    const state = `${next.route.id}\n${view.target}`;
    if (seen.has(state)) return { outcome: "loop" };
    seen.add(state);
    taken = next;
  }
  return { outcome: "loop" };

  function forward(last: BackendTaken, { changes }: RequestView): Forward | undefined {
    const response = open.length === 0 ? undefined : { open, view };
    const there = last === first && view.path === path;
    const same = there && view.target === target && !view.hostSet && changes.length === 0;
    if (same && response === undefined) return undefined;
    return {
      outcome: "forward",
      taken: there ? last : { ...last, rest: router.restOf(last.pattern, view.target) },
      target: view.target,
      host: view.hostSet ? view.host : undefined,
      changes,
      response,
    };
  }
}
