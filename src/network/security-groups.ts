import { type AddressSet, contains, following, intersect, preceding, subtract } from "./address-sets.ts";
import { type Address, type AddressRange, type AddressValue, intersection } from "./addresses.ts";
import { type AnySecurityRule, type RuleReach, reachOf, type TrafficQuery } from "./rule-match.ts";
import { type Covering, type Segment, type Segments, segmentAt, sweep } from "./segments.ts";
import type { ServiceTags } from "./service-tags.ts";
import type { Missing, Verdict } from "./verdict.ts";

/** What a list of security rules does with traffic to one destination (network.md §1.3). */
export interface Decision {
  /** `no` when any part of the source is denied for certain and no part is in doubt or some part is allowed. */
  readonly verdict: Verdict;
  /** The rule that decides: a denying one for `no`, an allowing one for `yes`. */
  readonly rule: AnySecurityRule | undefined;
  /** Every rule that allows a part of the source, in order of priority. */
  readonly allowedBy: readonly AnySecurityRule[];
  /** No rule matched at all, for any part: admin rules then leave the decision to the groups. */
  readonly unmatched: boolean;
  readonly missing: readonly Missing[];
}

/** Rules compiled for one kind of traffic: any number of destinations can be asked, each at a binary search. */
export interface CompiledRules {
  /** The decision, and the addresses around the asked one for which it is the same. */
  at(destination: Address): Segment<Decision>;
}

/**
 * Compiles the rules of one group. Where it is open which addresses VirtualNetwork covers, the rules are read under
 * both assumptions (separately for source and destination), and only an answer that survives both counts.
 */
export function compileRules(
  rules: readonly AnySecurityRule[],
  query: TrafficQuery,
  tags: ServiceTags,
): CompiledRules {
  const network = tags.virtualNetwork(query.place);
  const doubt = subtract(network.possible, network.certain);
  const sourceIsOpen = intersect(doubt, query.source).length > 0;
  const merged: Merged = new Map();
  const variants: (Segments<Decision> | undefined)[] = [];
  const variant = (source: boolean, destination: boolean): Segments<Decision> => {
    const number = (source ? 2 : 0) + (destination ? 1 : 0);
    const made = variants[number] ?? compileUnder(rules, query, tags, source, destination);
    variants[number] = made;
    return made;
  };
  return {
    at(destination) {
      const narrow = segmentAt(variant(false, false), destination);
      const isOpen = doubt.length > 0 && contains(doubt, destination);
      if (!isOpen && !sourceIsOpen) return narrow;
      let answer = narrow;
      const include = (source: boolean, within: boolean): void => {
        const next = segmentAt(variant(source, within), destination);
        answer = mergeOnce(merged, answer, next, network.missing);
      };
      if (isOpen) include(false, true);
      if (sourceIsOpen) include(true, false);
      if (isOpen && sourceIsOpen) include(true, true);
      return answer;
    },
  };
}

type Merged = Map<Segment<Decision>, Map<Segment<Decision>, Segment<Decision>>>;

/** Every pair is merged once, so that equal answers stay the same object. */
function mergeOnce(
  merged: Merged,
  a: Segment<Decision>,
  b: Segment<Decision>,
  missing: Missing | undefined,
): Segment<Decision> {
  const known = merged.get(a)?.get(b);
  if (known !== undefined) return known;
  const range = intersection(a.range, b.range) as AddressRange;
  const made = { range, result: eitherDecision(a.result, b.result, missing) };
  const inner = merged.get(a);
  if (inner === undefined) merged.set(a, new Map([[b, made]]));
  else inner.set(b, made);
  return made;
}

/**
 * The answer that holds whichever of two kinds of traffic arrives: an appliance on the way may or may not put its own
 * address in place of the gateway's.
 */
export function compileEither(a: CompiledRules, b: CompiledRules): CompiledRules {
  const merged: Merged = new Map();
  return { at: (destination) => mergeOnce(merged, a.at(destination), b.at(destination), undefined) };
}

/** The weaker of two possible decisions: they must agree, and a partial denial says less than a whole one. */
function eitherDecision(a: Decision, b: Decision, missing: Missing | undefined): Decision {
  if (a.verdict === b.verdict && a.unmatched === b.unmatched) return a.allowedBy.length > 0 ? a : b;
  return {
    verdict: "unknown",
    rule: undefined,
    allowedBy: [],
    unmatched: false,
    missing: [...new Set([...a.missing, ...b.missing, ...(missing ? [missing] : [])])],
  };
}

/** One rule at one destination: for which parts of the source it matches. */
interface Match {
  readonly reach: RuleReach;
  readonly certain: boolean;
  readonly parts: readonly Verdict[];
}

function compileUnder(
  rules: readonly AnySecurityRule[],
  query: TrafficQuery,
  tags: ServiceTags,
  sourceWithin: boolean,
  destinationWithin: boolean,
): Segments<Decision> {
  const reaches = rules
    .flatMap((rule) => reachOf(rule, query, tags, sourceWithin, destinationWithin) ?? [])
    .sort((a, b) => a.rule.priority - b.rule.priority);
  const parts = sourceParts(query.source, reaches);
  const coverings: Covering<Match>[] = [];
  for (const reach of reaches) {
    const matched = parts.map((part) => matchesPart(reach, part));
    if (matched.every((verdict) => verdict === "no")) continue;
    const { certain, possible } = reach.destination;
    const isCertain = reach.portsCertain;
    if (certain.length > 0) {
      coverings.push({ ranges: certain, value: { reach, certain: isCertain, parts: matched } });
    }
    const doubt = certain === possible ? [] : subtract(possible, certain);
    if (doubt.length > 0) coverings.push({ ranges: doubt, value: { reach, certain: false, parts: matched } });
  }
  return sweep(coverings, (active) => decide(active, parts.length));
}

/** The source cut where any rule begins or ends to match, so that each part is treated alike by every rule. */
function sourceParts(source: AddressSet, reaches: readonly RuleReach[]): AddressSet {
  const cuts = new Set<AddressValue>();
  for (const { source: matched } of reaches) {
    for (const range of matched.certain) cutAt(range, source, cuts);
    if (matched.possible !== matched.certain) {
      for (const range of matched.possible) cutAt(range, source, cuts);
    }
  }
  if (cuts.size === 0) return source;
  const sorted = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return source.flatMap((range) => {
    const inside = sorted.filter((cut) => range.first < cut && cut <= range.last);
    const starts = [range.first, ...inside];
    return starts.map((first, i) => {
      const next = starts[i + 1];
      return { family: range.family, first, last: next === undefined ? range.last : preceding(next) };
    });
  });
}

function cutAt(range: AddressRange, source: AddressSet, cuts: Set<AddressValue>): void {
  for (const part of source) {
    if (part.family !== range.family) continue;
    if (part.first < range.first && range.first <= part.last) cuts.add(range.first);
    if (part.first <= range.last && range.last < part.last) cuts.add(following(range.last));
  }
}

function matchesPart({ source }: RuleReach, part: AddressRange): Verdict {
  const address = { family: part.family, value: part.first };
  if (contains(source.certain, address)) return "yes";
  return source.possible !== source.certain && contains(source.possible, address) ? "unknown" : "no";
}

/** The decision for all parts of the source together; `active` is every rule that may match, by priority. */
function decide(active: readonly Match[], parts: number): Decision {
  const denied: AnySecurityRule[] = [];
  const allowed: AnySecurityRule[] = [];
  const missing = new Set<Missing>();
  let open = 0;
  let unmatched = 0;
  for (let part = 0; part < parts; part++) {
    const outcome = firstMatch(active, part);
    if (outcome.rule === undefined) {
      open++;
      if (outcome.unmatched) unmatched++;
      for (const item of outcome.missing) missing.add(item);
    } else if (outcome.rule.access === "Deny") denied.push(outcome.rule);
    else allowed.push(outcome.rule);
  }
  const allowedBy = [...new Set(allowed)].sort((a, b) => a.priority - b.priority);
  const [denying] = denied.sort((a, b) => a.priority - b.priority);
  if (denying !== undefined && (allowed.length > 0 || open === 0)) {
    return { verdict: "no", rule: denying, allowedBy, unmatched: false, missing: [] };
  }
  if (open > 0 || parts === 0) {
    return {
      verdict: "unknown",
      rule: undefined,
      allowedBy,
      unmatched: unmatched === parts,
      missing: [...missing],
    };
  }
  return { verdict: "yes", rule: allowedBy[0], allowedBy, unmatched: false, missing: [] };
}

interface Outcome {
  /** Undefined when the rules that may match do not agree, or none does. */
  readonly rule: AnySecurityRule | undefined;
  readonly unmatched: boolean;
  readonly missing: readonly Missing[];
}

/** Walks down the priorities to the first rule that certainly matches; rules in doubt before it must agree with it. */
function firstMatch(active: readonly Match[], part: number): Outcome {
  const doubtful: Match[] = [];
  for (const match of active) {
    const source = match.parts[part];
    if (source === "no") continue;
    if (!match.certain || source !== "yes") {
      doubtful.push(match);
      continue;
    }
    const { rule } = match.reach;
    return doubtful.every(({ reach }) => reach.rule.access === rule.access)
      ? { rule, unmatched: false, missing: [] }
      : { rule: undefined, unmatched: false, missing: missingOf(doubtful) };
  }
  return { rule: undefined, unmatched: doubtful.length === 0, missing: missingOf(doubtful) };
}

function missingOf(matches: readonly Match[]): Missing[] {
  return matches.flatMap(({ reach }) => [
    ...(reach.source.missing ? [reach.source.missing] : []),
    ...(reach.destination.missing ? [reach.destination.missing] : []),
  ]);
}
