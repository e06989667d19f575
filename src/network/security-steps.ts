import type { IpConfiguration } from "../model/hosts.ts";
import type { EffectiveSecurityGroup, EffectiveSecurityRule, Subnet } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import { type AddressSet, addressSet, subtract } from "./address-sets.ts";
import { allIpv4, allIpv6, parseAddress, privateAddressRanges } from "./addresses.ts";
import { missingGroupStep, type Step, securityGroupStep, unknownGroupStep } from "./hops.ts";
import type { AdminRuleHop, SecurityGroupHop } from "./path.ts";
import type { Composition } from "./path-facts.ts";
import { setOfPrefixes } from "./peerings.ts";
import type { AnySecurityRule } from "./rule-match.ts";
import type { Decision } from "./security-groups.ts";
import { explainOpenSide, type GroupSide } from "./server-side.ts";
import type { TagPlace } from "./service-tags.ts";

type Place = SecurityGroupHop["place"];

/** The gateway subnet's group, outbound. */
export function outboundSteps(composition: Composition): Step<SecurityGroupHop>[] {
  return sideSteps("gateway-subnet-outbound", composition.outbound, composition);
}

/** Everything that filters at the server: admin rules, the subnet's group, then the interface's (network.md §1.3). */
export function serverSteps(composition: Composition): Step<SecurityGroupHop | AdminRuleHop>[] {
  const { server } = composition;
  if (server === undefined) return [];
  if (server.effective !== undefined) return effectiveSteps(composition, server.effective.groups);
  return [
    ...sideSteps("backend-subnet-inbound", server.subnet, composition),
    ...sideSteps("backend-nic-inbound", server.networkInterface, composition),
  ];
}

function sideSteps(place: Place, side: GroupSide, composition: Composition): Step<SecurityGroupHop>[] {
  const { label, end } = composition;
  switch (side.kind) {
    case "none":
      return [];
    case "missing":
      return [missingGroupStep(place, side.reference, label)];
    case "open": {
      const { says, missing } = explainOpenSide(side, end);
      return [unknownGroupStep(place, says, missing)];
    }
    case "rules":
      return [securityGroupStep(place, side.group, `NSG ${side.group.name}`, side.decision.result, label)];
  }
}

/**
 * The effective rules of an interface. Security admin rules come first: `Deny` and `AlwaysAllow` are final, `Allow`
 * and no match leave it to the groups.
 */
function effectiveSteps(
  composition: Composition,
  groups: readonly EffectiveSecurityGroup[],
): Step<SecurityGroupHop | AdminRuleHop>[] {
  const of = (kind: EffectiveSecurityGroup["association"]) =>
    groups.filter(({ association }) => association === kind);
  const steps: Step<SecurityGroupHop | AdminRuleHop>[] = [];
  for (const group of of("networkManager")) {
    const step = adminStep(composition, group);
    if (step !== undefined) steps.push(step);
    if (step?.hop.verdict === "yes" && step.hop.rule.access === "AlwaysAllow") return steps;
  }
  if (!composition.end.isEndpoint) {
    for (const group of of("subnet")) {
      steps.push(effectiveGroupStep(composition, "backend-subnet-inbound", group));
    }
  }
  for (const group of [...of("networkInterface"), ...of(undefined)]) {
    steps.push(effectiveGroupStep(composition, "backend-nic-inbound", group));
  }
  return steps;
}

function adminStep(composition: Composition, group: EffectiveSecurityGroup): Step<AdminRuleHop> | undefined {
  const { label } = composition;
  const decision = askEffective(composition, group);
  if (decision.unmatched) return undefined;
  const named = decision.rule ?? group.rules[0];
  if (named === undefined) return undefined;
  const rule: EffectiveSecurityRule = named;
  const does = { yes: "allows", no: "denies", unknown: "may allow or deny" }[decision.verdict];
  const says = `security admin rule ${rule.name} (priority ${rule.priority}) ${does} ${label}`;
  return {
    hop: { kind: "admin-rule", verdict: decision.verdict, rule, says, origin: rule.source },
    missing: decision.missing,
  };
}

function effectiveGroupStep(
  composition: Composition,
  place: Place,
  group: EffectiveSecurityGroup,
): Step<SecurityGroupHop> {
  const { networkSecurityGroups } = composition.flow.view.network;
  const id = group.networkSecurityGroupId;
  const known =
    id === undefined ? undefined : networkSecurityGroups.find((item) => idKey(item.id) === idKey(id));
  const name = known?.name ?? id?.split("/").at(-1);
  const decision = askEffective(composition, group);
  const title = name === undefined ? "effective security rules:" : `NSG ${name} (effective)`;
  return securityGroupStep(place, known, title, decision, composition.label);
}

function askEffective(composition: Composition, { rules }: EffectiveSecurityGroup): Decision {
  const { flow, end, applianceAddress } = composition;
  const { subnet, virtualNetwork } = end.area;
  const place: TagPlace =
    subnet === undefined
      ? { virtualNetwork, loneSubnet: undefined, routeTable: undefined }
      : flow.view.placeOf(subnet);
  const answerer = flow.rules.answererFor({
    rules,
    place,
    direction: "Inbound",
    source: flow.traffic.source,
    otherSource: flow.applianceSource(applianceAddress),
    effective: true,
  });
  return answerer(end.address, end.owner.ipConfiguration).result;
}

/** The platform's own address is in public space, and no gateway's. */
const publicSpace: AddressSet = subtract(
  [allIpv4, allIpv6],
  addressSet([...privateAddressRanges, ...setOfPrefixes(["168.63.129.16"])]),
);

/**
 * The groups of a machine reached by its public address: it sees the gateway's public address. Where that is not
 * known, only what holds for every public address is said.
 */
export function publicServerSteps(composition: Composition): Step<SecurityGroupHop>[] {
  const { flow, end } = composition;
  if (end.area.place !== "public") return [];
  const configuration = flow.view.owners.behindPublicAddress(end.address);
  const subnet = configuration?.subnet?.target;
  if (configuration === undefined || subnet === undefined) return [];
  const ask = (place: Place, rules: readonly AnySecurityRule[]) =>
    askPublic(composition, place, rules, subnet, configuration);
  const subnetGroup = subnet.networkSecurityGroup;
  const ownGroup = configuration.networkInterface.networkSecurityGroup;
  return [
    ...(["backend-subnet-inbound", "backend-nic-inbound"] as const).flatMap((place) => {
      const reference = place === "backend-subnet-inbound" ? subnetGroup : ownGroup;
      if (reference === undefined) return [];
      const group = reference.target;
      if (group === undefined) return [missingGroupStep(place, reference, composition.label)];
      const label = `${composition.label} from the gateway's public address`;
      return [securityGroupStep(place, group, `NSG ${group.name}`, ask(place, group.rules), label)];
    }),
  ];
}

function askPublic(
  { flow, end }: Composition,
  place: Place,
  rules: readonly AnySecurityRule[],
  subnet: Subnet,
  configuration: IpConfiguration,
): Decision {
  const inside = parseAddress(configuration.privateIpAddress ?? "") ?? end.address;
  const question = {
    rules,
    place: flow.view.placeOf(subnet),
    direction: "Inbound",
    source: flow.traffic.publicSource ?? publicSpace,
    otherSource: undefined,
    effective: false,
  } as const;
  const decision = flow.rules.answererFor(question)(inside, configuration).result;
  if (flow.traffic.publicSource !== undefined || decision.allowedBy.length === 0) return decision;
  if (decision.verdict !== "no") return decision;
  return {
    verdict: "unknown",
    rule: undefined,
    allowedBy: [],
    unmatched: false,
    missing: [
      {
        what: `from which public address the gateway reaches ${configuration.networkInterface.name} (${place})`,
        type: "microsoft.network/publicipaddresses",
        resourceId: undefined,
      },
    ],
  };
}
