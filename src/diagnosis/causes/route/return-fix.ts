import { idKey } from "../../../model/resource.ts";
import type { FixProposal } from "../../finding.ts";
import { listed } from "../../statements.ts";
import { addRoutes, otherSubnets, removeRoute, sharedTableEffect } from "./route-change.ts";
import type { AsymmetricMatch } from "./route-return-asymmetric.ts";

/**
 * Requests that come directly are answered directly; requests that come through an appliance are answered through it.
 * Within one network a more specific route does it; between networks no route can say "over the peering", so the one
 * that diverts the replies is taken out.
 */
export function fixReturn(match: AsymmetricMatch): FixProposal | undefined {
  const { forward, back } = match;
  if (forward.nextHopType === "VirtualAppliance") return throughAppliance(match);
  const exact = isForGatewaySubnetAlone(match);
  if (isSameNetwork(match) && !exact && back.chosenFrom !== "effective") return directly(match);
  return withoutDiversion(match);
}

function gatewayPrefixes({ gateway }: AsymmetricMatch): readonly string[] {
  return gateway.subnet?.target?.addressPrefixes ?? [];
}

function isForGatewaySubnetAlone(match: AsymmetricMatch): boolean {
  return gatewayPrefixes(match).includes(match.back.route?.addressPrefix ?? "");
}

function isSameNetwork({ path, gateway }: AsymmetricMatch): boolean {
  const own = gateway.subnet?.target?.virtualNetwork;
  const other = path.destination.virtualNetwork;
  return own !== undefined && other !== undefined && idKey(own.id) === idKey(other.id);
}

function directly(match: AsymmetricMatch): FixProposal | undefined {
  const { back, gateway, network } = match;
  const subnet = back.subnet;
  const prefixes = gatewayPrefixes(match);
  const routes = prefixes.map((addressPrefix) => ({
    name: `to-${gateway.name}-directly`,
    addressPrefix,
    nextHopType: "VnetLocal",
  }));
  const added = subnet && addRoutes(subnet, routes, gateway.location);
  if (subnet === undefined || added === undefined) return undefined;
  return {
    summary: `Add a route ${listed(prefixes)} → VnetLocal to route table ${added.table} of subnet ${subnet.name}.`,
    changes: added.changes,
    sideEffects: [
      `What subnet ${subnet.name} sends to the gateway subnet no longer passes ${back.nextHopIpAddress ?? back.nextHopType}.`,
      ...(back.table === undefined
        ? []
        : sharedTableEffect(otherSubnets(back.table, subnet, network), back.table)),
    ],
  };
}

function withoutDiversion({ back, network }: AsymmetricMatch): FixProposal | undefined {
  const { table, route, subnet } = back;
  if (table === undefined || route === undefined || subnet === undefined) return undefined;
  return {
    summary: `Remove route ${route.name} (${route.addressPrefix}) from table ${table.name} of subnet ${subnet.name}.`,
    changes: [removeRoute(table, route)],
    sideEffects: [
      `What subnet ${subnet.name} sends to ${route.addressPrefix} no longer passes ${back.nextHopIpAddress ?? back.nextHopType}; to keep it there, route the gateway subnet through the same appliance instead.`,
      ...sharedTableEffect(otherSubnets(table, subnet, network), table),
    ],
  };
}

function throughAppliance(match: AsymmetricMatch): FixProposal | undefined {
  const { forward, back, gateway, network } = match;
  const { subnet, table } = back;
  const appliance = forward.nextHopIpAddress;
  if (subnet === undefined || appliance === undefined) return undefined;
  const prefixes = gatewayPrefixes(match);
  const existing = back.route;
  if (table !== undefined && existing !== undefined && isForGatewaySubnetAlone(match)) {
    const resourceId = `${table.id}/routes/${existing.name}`;
    return {
      summary: `Let route ${existing.name} of table ${table.name} lead to ${appliance}, the appliance the requests come through.`,
      changes: [
        { action: "set", resourceId, path: "nextHopType", value: "VirtualAppliance" },
        { action: "set", resourceId, path: "nextHopIpAddress", value: appliance },
      ],
      sideEffects: sharedTableEffect(otherSubnets(table, subnet, network), table),
    };
  }
  const routes = prefixes.map((addressPrefix) => ({
    name: `to-${gateway.name}`,
    addressPrefix,
    nextHopType: "VirtualAppliance",
    nextHopIpAddress: appliance,
  }));
  const added = addRoutes(subnet, routes, gateway.location);
  if (added === undefined) return undefined;
  return {
    summary: `${added.isNew ? `Give subnet ${subnet.name} route table ${added.table} with` : `Add to route table ${added.table} of subnet ${subnet.name}`} a route ${listed(prefixes)} → ${appliance}, the appliance the requests come through.`,
    changes: added.changes,
    sideEffects: [
      `What subnet ${subnet.name} sends to the gateway subnet then passes ${appliance} and its rules.`,
      ...(table === undefined ? [] : sharedTableEffect(otherSubnets(table, subnet, network), table)),
    ],
  };
}
