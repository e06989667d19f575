import type { IpConfiguration, ScaleSet } from "../model/hosts.ts";
import type { NetworkSecurityGroup, Subnet } from "../model/network.ts";
import { idKey, type Reference } from "../model/resource.ts";
import { type AddressOwner, isEndpointInterface } from "./address-owners.ts";
import type { Address } from "./addresses.ts";
import type { Area } from "./locate.ts";
import type { NetworkView } from "./network-view.ts";
import { endpointPolicies } from "./private-endpoints.ts";
import type { AnySecurityRule } from "./rule-match.ts";
import type { Decision } from "./security-groups.ts";
import type { Segment } from "./segments.ts";
import { networkOf } from "./service-tags.ts";
import type { Missing } from "./verdict.ts";

/** What one place of the server's side has in the way of security groups. */
export type GroupSide =
  /** Nothing stands there: all traffic passes. */
  | { readonly kind: "none" }
  | { readonly kind: "missing"; readonly reference: Reference<NetworkSecurityGroup> }
  /** It is not known whether a group stands there. */
  | { readonly kind: "open"; readonly why: "subnet" | "interface" | "balancer" }
  | {
      readonly kind: "rules";
      readonly group: NetworkSecurityGroup;
      readonly decision: Segment<Decision>;
    };

/** The server's end: where it is and what has its address. */
export interface ServerEnd {
  readonly address: Address;
  readonly area: Area;
  readonly owner: AddressOwner;
  readonly isEndpoint: boolean;
  /** The joined IP configuration's id, known even where its interface was not exported. */
  readonly joinedId: string | undefined;
}

/** Asks compiled rules at the server; `groups` = application security groups, undefined when not known. */
export type AskGroup = (
  rules: readonly AnySecurityRule[],
  subnet: Subnet,
  configuration: IpConfiguration | undefined,
) => Segment<Decision>;

const none: GroupSide = { kind: "none" };

export function isPrivateEndpoint({ privateEndpoint, ipConfiguration }: AddressOwner): boolean {
  return (
    privateEndpoint !== undefined ||
    (ipConfiguration !== undefined && isEndpointInterface(ipConfiguration.networkInterface))
  );
}

/** The group of the server's subnet (network.md §1.6, §4). */
export function subnetSide({ area, owner, isEndpoint }: ServerEnd, ask: AskGroup): GroupSide {
  const { subnet } = area;
  if (subnet === undefined) return { kind: "open", why: "subnet" };
  if (isEndpoint) {
    if (!endpointPolicies(subnet).securityGroup) return none;
  } else if (owner.ipConfiguration === undefined && owner.loadBalancer !== undefined) {
    return { kind: "open", why: "balancer" };
  }
  return sideOf(subnet.networkSecurityGroup, subnet, owner.ipConfiguration, ask);
}

/** The group of the server's network interface. */
export function interfaceSide(end: ServerEnd, view: NetworkView, ask: AskGroup): GroupSide {
  const { area, owner, isEndpoint, joinedId } = end;
  const { subnet } = area;
  if (owner.ipConfiguration !== undefined) {
    const { networkInterface } = owner.ipConfiguration;
    if (subnet === undefined || isEndpoint) return none;
    return sideOf(networkInterface.networkSecurityGroup, subnet, owner.ipConfiguration, ask);
  }
  const { privateEndpoint, loadBalancer, firewall, managed } = owner;
  if (privateEndpoint || loadBalancer || firewall || managed || subnet === undefined) return none;
  const scaleSet = joinedId === undefined ? undefined : scaleSetOf(joinedId, view.network.scaleSets);
  if (scaleSet !== undefined && scaleSet.subnetIds.length > 0) {
    const side = scaleSetSide(scaleSet, subnet, view, ask);
    if (side !== undefined) return side;
  }
  // What a delegated subnet holds belongs to the service: nobody can put a group on its interfaces.
  if (subnet.delegations.length > 0) return none;
  return { kind: "open", why: "interface" };
}

function sideOf(
  reference: Reference<NetworkSecurityGroup> | undefined,
  subnet: Subnet,
  configuration: IpConfiguration | undefined,
  ask: AskGroup,
): GroupSide {
  if (reference === undefined) return none;
  const group = reference.target;
  if (group === undefined) return { kind: "missing", reference };
  return { kind: "rules", group, decision: ask(group.rules, subnet, configuration) };
}

function scaleSetOf(configurationId: string, scaleSets: readonly ScaleSet[]): ScaleSet | undefined {
  const key = idKey(configurationId);
  return scaleSets.find(({ id }) => key.startsWith(`${idKey(id)}/`));
}

function scaleSetSide(
  { networkSecurityGroupIds }: ScaleSet,
  subnet: Subnet,
  view: NetworkView,
  ask: AskGroup,
): GroupSide | undefined {
  const [groupId] = networkSecurityGroupIds;
  if (groupId === undefined) return none;
  const group = view.network.networkSecurityGroups.find(({ id }) => idKey(id) === idKey(groupId));
  if (group === undefined || networkSecurityGroupIds.length > 1) return undefined;
  return { kind: "rules", group, decision: ask(group.rules, subnet, undefined) };
}

/** Why it is open which group decides, and what would settle it. */
export function explainOpenSide(
  { why }: Extract<GroupSide, { kind: "open" }>,
  { area, owner }: ServerEnd,
): { says: string; missing: Missing } {
  const interfaces = { type: "microsoft.network/networkinterfaces", resourceId: undefined };
  switch (why) {
    case "balancer": {
      const name = owner.loadBalancer?.name;
      return {
        says: `the address is a frontend of load balancer ${name}: the security groups of the servers behind it decide`,
        missing: {
          what: `which servers stand behind load balancer ${name}, and which security groups apply there`,
          ...interfaces,
        },
      };
    }
    case "interface": {
      const name = area.subnet?.name;
      return {
        says: `the network interface of the server in subnet ${name} was not exported, so its security group is not known`,
        missing: {
          what: `which security group applies at the network interfaces in subnet ${name}`,
          ...interfaces,
        },
      };
    }
    case "subnet":
      return {
        says: "the subnet of the server was not exported, so its security group is not known",
        missing: missingSubnet(area),
      };
  }
}

/** The document that would show the server's subnet. */
export function missingSubnet(area: Area): Missing {
  return area.networkId === undefined
    ? {
        what: "which network the address of the server lies in",
        type: "microsoft.network/virtualnetworks",
        resourceId: undefined,
      }
    : networkOf({ id: area.networkId });
}
