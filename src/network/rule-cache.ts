import type { IpConfiguration } from "../model/hosts.ts";
import { idKey } from "../model/resource.ts";
import type { AddressSet } from "./address-sets.ts";
import type { Address } from "./addresses.ts";
import type { AnySecurityRule } from "./rule-match.ts";
import { type CompiledRules, compileEither, compileRules, type Decision } from "./security-groups.ts";
import type { Segment } from "./segments.ts";
import type { ServiceTags, TagPlace } from "./service-tags.ts";

/** A list of rules and the traffic it is asked about, whatever the destination. */
export interface RuleQuestion {
  readonly rules: readonly AnySecurityRule[];
  readonly place: TagPlace;
  readonly direction: "Inbound" | "Outbound";
  readonly source: AddressSet;
  /** Another source the traffic may have instead, when an appliance on the way puts in its own address. */
  readonly otherSource: AddressSet | undefined;
  readonly effective: boolean;
}

/** Rules ready to be asked about destinations; `configuration` is what has the address, undefined when not known. */
export type RuleAnswerer = (
  destination: Address,
  configuration: IpConfiguration | undefined,
) => Segment<Decision>;

/**
 * Compiled rules for one protocol and port. Everything in a question is an object of the model or made once per flow,
 * so that finding what is compiled already takes look-ups by identity and no text.
 */
export class RuleCache {
  private readonly protocol: "tcp" | "udp";
  private readonly port: number;
  private readonly tags: ServiceTags;
  private readonly answerers: IdentityTree<RuleAnswerer> = new Map();

  constructor(protocol: "tcp" | "udp", port: number, tags: ServiceTags) {
    this.protocol = protocol;
    this.port = port;
    this.tags = tags;
  }

  answererFor(question: RuleQuestion): RuleAnswerer {
    const { rules, place, direction, source, otherSource } = question;
    let branch = grow(this.answerers, rules);
    branch = grow(branch, place);
    branch = grow(branch, direction);
    branch = grow(branch, source);
    const known = branch.get(otherSource) as RuleAnswerer | undefined;
    if (known !== undefined) return known;
    const made = this.makeAnswerer(question);
    branch.set(otherSource, made);
    return made;
  }

  private makeAnswerer(question: RuleQuestion): RuleAnswerer {
    // Application security groups matter only where a rule names one.
    const usesGroups = question.rules.some(({ destinationGroups }) => destinationGroups.length > 0);
    if (!usesGroups) {
      const compiled = this.compile(question, noGroups);
      return (destination) => compiled.at(destination);
    }
    const byGroups = new Map<string, CompiledRules>();
    return (destination, configuration) => {
      const ids = configuration?.applicationSecurityGroups.map(({ id }) => idKey(id)).sort();
      const key = ids === undefined ? "?" : ids.join("|");
      let compiled = byGroups.get(key);
      if (compiled === undefined) {
        compiled = this.compile(question, ids && new Set(ids));
        byGroups.set(key, compiled);
      }
      return compiled.at(destination);
    };
  }

  private compile(
    { rules, direction, place, source, otherSource, effective }: RuleQuestion,
    destinationGroups: ReadonlySet<string> | undefined,
  ): CompiledRules {
    const query = {
      direction,
      protocol: this.protocol,
      port: this.port,
      place,
      destinationGroups,
      effective,
    };
    const compiled = compileRules(rules, { ...query, source }, this.tags);
    if (otherSource === undefined) return compiled;
    return compileEither(compiled, compileRules(rules, { ...query, source: otherSource }, this.tags));
  }
}

const noGroups: ReadonlySet<string> = new Set();

/** Maps in maps, keyed by objects or short texts: a key of several parts without joining them. */
export type IdentityTree<T> = Map<unknown, IdentityTree<T> | T>;

/** The branch below one part of a key, made when it is not there yet. */
export function grow<T>(tree: IdentityTree<T>, part: unknown): IdentityTree<T> {
  const known = tree.get(part);
  if (known !== undefined) return known as IdentityTree<T>;
  const made: IdentityTree<T> = new Map();
  tree.set(part, made);
  return made;
}
