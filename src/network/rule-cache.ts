import type { IpConfiguration } from "../model/hosts.ts";
import { idKey } from "../model/resource.ts";
import type { AddressSet } from "./address-sets.ts";
import type { Address } from "./addresses.ts";
import type { AnySecurityRule } from "./rule-match.ts";
import { type CompiledRules, compileEither, compileRules, type Decision } from "./security-groups.ts";
import type { Segment } from "./segments.ts";
import type { ServiceTags, TagPlace } from "./service-tags.ts";

/** A list of rules and the traffic asked about; the lists and places of the model are compared as objects. */
export interface RuleQuestion {
  readonly rules: readonly AnySecurityRule[];
  readonly place: TagPlace;
  readonly direction: "Inbound" | "Outbound";
  readonly source: AddressSet;
  /** Another source the traffic may have instead, when an appliance on the way puts in its own address. */
  readonly otherSource: AddressSet | undefined;
  /** What has the destination address; undefined when that is not known. */
  readonly configuration: IpConfiguration | undefined;
  readonly effective: boolean;
}

/** Compiled rules for one protocol and port, kept for every list, place and source they were asked with. */
export class RuleCache {
  private readonly protocol: "tcp" | "udp";
  private readonly port: number;
  private readonly tags: ServiceTags;
  private readonly entries = new Map<readonly AnySecurityRule[], Entry>();
  private readonly numbers = new Map<object, number>();

  constructor(protocol: "tcp" | "udp", port: number, tags: ServiceTags) {
    this.protocol = protocol;
    this.port = port;
    this.tags = tags;
  }

  ask(question: RuleQuestion, destination: Address): Segment<Decision> {
    const entry = this.entryOf(question.rules);
    const groups = entry.usesGroups ? groupsOf(question.configuration) : noGroups;
    const key = `${question.direction} ${this.numberOf(question.place)} ${this.numberOf(question.source)} ${
      question.otherSource === undefined ? "" : this.numberOf(question.otherSource)
    } ${groups.key}`;
    let compiled = entry.compiled.get(key);
    if (compiled === undefined) {
      compiled = this.compile(question, groups.ids);
      entry.compiled.set(key, compiled);
    }
    return compiled.at(destination);
  }

  /** A number that stands for an object in keys. */
  numberOf(object: object): number {
    let number = this.numbers.get(object);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(object, number);
    }
    return number;
  }

  private compile(question: RuleQuestion, destinationGroups: ReadonlySet<string> | undefined): CompiledRules {
    const { rules, direction, place, source, otherSource, effective } = question;
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

  private entryOf(rules: readonly AnySecurityRule[]): Entry {
    let entry = this.entries.get(rules);
    if (entry === undefined) {
      const usesGroups = rules.some(({ destinationGroups }) => destinationGroups.length > 0);
      entry = { usesGroups, compiled: new Map() };
      this.entries.set(rules, entry);
    }
    return entry;
  }
}

interface Entry {
  /** Application security groups matter only where a rule names one. */
  readonly usesGroups: boolean;
  readonly compiled: Map<string, CompiledRules>;
}

interface Groups {
  readonly ids: ReadonlySet<string> | undefined;
  readonly key: string;
}

const noGroups: Groups = { ids: new Set(), key: "" };

function groupsOf(configuration: IpConfiguration | undefined): Groups {
  if (configuration === undefined) return { ids: undefined, key: "?" };
  if (configuration.applicationSecurityGroups.length === 0) return noGroups;
  const ids = configuration.applicationSecurityGroups.map(({ id }) => idKey(id)).sort();
  return { ids: new Set(ids), key: ids.join("|") };
}
