import type { BackendPool, Gateway, PoolMember } from "../gateway.ts";
import type { IpConfiguration } from "../hosts.ts";
import { idKey, parseResourceId } from "../resource.ts";
import type { Draft } from "./draft.ts";
import { idsIn } from "./network-interface.ts";
import { joinPrivateEndpoints } from "./private-endpoint.ts";

/** What follows from several resources together. Runs once, after every reference has its target. */
export function joinDraft(draft: Draft): void {
  joinPools(draft);
  joinSecurityGroupMembers(draft);
  joinAttachments(draft);
  joinPrivateEndpoints(draft);
}

/** Members join a pool by address, by the pool's `backendIPConfigurations`, or by the NIC's own list. */
function joinPools({ gateways, network }: Draft): void {
  const byId = new Map<string, BackendPool[]>();
  const byName = new Map<string, BackendPool[]>();
  for (const gateway of gateways) {
    for (const pool of gateway.pools) {
      append(byId, idKey(pool.id), pool);
      append(byName, poolKey(gateway, pool), pool);
    }
  }
  const joined = new Map<BackendPool, IpConfiguration[]>();
  if (byId.size > 0) {
    for (const { ipConfigurations } of network.networkInterfaces) {
      for (const ipConfiguration of ipConfigurations) {
        for (const id of ipConfiguration.gatewayPoolIds) {
          const [gateway = "", pool = ""] = parseResourceId(id).names;
          const pools = byId.get(idKey(id)) ?? byName.get(`${gateway}/${pool}`.toLowerCase()) ?? [];
          for (const found of pools) append(joined, found, ipConfiguration);
        }
      }
    }
  }
  for (const gateway of gateways) {
    for (const pool of gateway.pools) {
      (pool as { members: readonly PoolMember[] }).members = membersOf(pool, joined.get(pool) ?? []);
    }
  }
}

/** Ids of exports that were renamed or anonymised still agree in the two names. */
function poolKey(gateway: Gateway, pool: BackendPool): string {
  return `${gateway.name}/${pool.name}`.toLowerCase();
}

/** Without repeats: one server is one address, however often and however it is listed. */
function membersOf(pool: BackendPool, joined: readonly IpConfiguration[]): PoolMember[] {
  const members: PoolMember[] = [];
  const seen = new Set<string>();
  const add = (member: PoolMember): void => {
    const id = member.ipConfiguration && idKey(member.ipConfiguration.id);
    const address = member.address?.toLowerCase();
    if ((id !== undefined && seen.has(id)) || (address !== undefined && seen.has(address))) return;
    if (id !== undefined) seen.add(id);
    if (address !== undefined) seen.add(address);
    members.push(member);
  };
  for (const member of pool.members) {
    const address = member.ipConfiguration?.target?.privateIpAddress;
    add(address === undefined ? member : { ...member, address });
  }
  for (const target of joined) {
    add({
      kind: "ipConfiguration",
      address: target.privateIpAddress,
      ipConfiguration: { id: target.id, source: target.source, target },
      source: target.source.at("applicationGatewayBackendAddressPools"),
    });
  }
  return members;
}

function joinSecurityGroupMembers({ network }: Draft): void {
  for (const { ipConfigurations } of network.networkInterfaces) {
    for (const ipConfiguration of ipConfigurations) {
      for (const { target } of ipConfiguration.applicationSecurityGroups) {
        if (target !== undefined) (target.members as IpConfiguration[]).push(ipConfiguration);
      }
    }
  }
}

/**
 * Groups and tables list the subnets and interfaces they are attached to. An export that leaves the field out on the
 * other side (an explicit null says "none" and stays) is completed from there.
 */
function joinAttachments({ network, links }: Draft): void {
  for (const group of network.networkSecurityGroups) {
    for (const id of idsIn(group.source, "subnets")) {
      const subnet = links.get("subnet", id);
      if (subnet === undefined || subnet.source.peek("networkSecurityGroup") !== undefined) continue;
      Object.assign(subnet, { networkSecurityGroup: { id: group.id, source: group.source, target: group } });
    }
    for (const id of idsIn(group.source, "networkInterfaces")) {
      const nic = links.get("networkInterface", id);
      if (nic === undefined || nic.source.peek("networkSecurityGroup") !== undefined) continue;
      Object.assign(nic, { networkSecurityGroup: { id: group.id, source: group.source, target: group } });
    }
  }
  for (const table of network.routeTables) {
    for (const id of idsIn(table.source, "subnets")) {
      const subnet = links.get("subnet", id);
      if (subnet === undefined || subnet.source.peek("routeTable") !== undefined) continue;
      Object.assign(subnet, { routeTable: { id: table.id, source: table.source, target: table } });
    }
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
