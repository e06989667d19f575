import type { Gateway } from "../../model/gateway.ts";
import type { Network } from "../../model/model.ts";
import { idKey } from "../../model/resource.ts";
import type { Server } from "../../routing/routes.ts";
import type { AddressOwner, Hosts } from "../facets.ts";

/** Indexes everything exported that owns an address. */
export function hostsOf(network: Network, gateways: readonly Gateway[]): Hosts {
  const owners = new Map<string, AddressOwner[]>();
  const add = (address: string | undefined, owner: AddressOwner): void => {
    if (address === undefined || address === "") return;
    const key = address.toLowerCase();
    const list = owners.get(key);
    if (list === undefined) owners.set(key, [owner]);
    else list.push(owner);
  };
  const byConfiguration = new Map<string, AddressOwner>();
  for (const [ipConfiguration, owner] of interfaceOwners(network)) {
    add(ipConfiguration.privateIpAddress, owner);
    add(ipConfiguration.publicIpAddress?.target?.ipAddress, owner);
    byConfiguration.set(idKey(ipConfiguration.id), owner);
  }
  for (const privateEndpoint of network.privateEndpoints) {
    for (const address of privateEndpoint.privateIpAddresses) {
      add(address, { kind: "privateEndpoint", privateEndpoint });
    }
  }
  for (const loadBalancer of network.loadBalancers) {
    for (const frontend of loadBalancer.frontends) {
      add(frontend.privateIpAddress, { kind: "loadBalancer", loadBalancer });
    }
  }
  for (const azureFirewall of network.azureFirewalls) {
    add(azureFirewall.privateIpAddress, { kind: "azureFirewall", azureFirewall });
  }
  for (const environment of network.containerAppsEnvironments) {
    add(environment.staticIp, { kind: "containerAppsEnvironment", environment });
  }
  for (const service of network.apiManagementServices) {
    for (const address of service.privateIpAddresses) add(address, { kind: "apiManagement", service });
  }
  for (const gateway of gateways) {
    for (const frontend of gateway.frontendIpConfigurations) {
      add(frontend.privateIpAddress, { kind: "applicationGateway", gateway });
      add(frontend.publicIpAddress?.target?.ipAddress, { kind: "applicationGateway", gateway });
      add(frontend.publicIpAddress?.target?.fqdn, { kind: "applicationGateway", gateway });
    }
  }
  const ownersOf = (address: string): readonly AddressOwner[] => owners.get(address.toLowerCase()) ?? [];
  return {
    ownersOf,
    of: (server) => ownersOfServer(server, ownersOf, byConfiguration),
    machines: machinesOf(network),
  };
}

function ownersOfServer(
  server: Server,
  ownersOf: (address: string) => readonly AddressOwner[],
  byConfiguration: ReadonlyMap<string, AddressOwner>,
): readonly AddressOwner[] {
  const joined = server.member.ipConfiguration;
  const owner = joined === undefined ? undefined : byConfiguration.get(idKey(joined.id));
  if (owner !== undefined) return [owner];
  return server.address === undefined ? [] : ownersOf(server.address);
}

function interfaceOwners(network: Network) {
  const scaleSets = new Map(network.scaleSets.map((scaleSet) => [idKey(scaleSet.id), scaleSet]));
  return network.networkInterfaces.flatMap((networkInterface) => {
    const instanceOf = /^(.*\/virtualmachinescalesets\/[^/]+)\/virtualmachines\/([^/]+)\//.exec(
      idKey(networkInterface.id),
    );
    const scaleSet = instanceOf === null ? undefined : scaleSets.get(instanceOf[1] ?? "");
    const instance = scaleSet?.instances.find(({ instanceId }) => instanceId === instanceOf?.[2]);
    return networkInterface.ipConfigurations.map((ipConfiguration) => {
      const owner: AddressOwner =
        scaleSet === undefined
          ? {
              kind: "ipConfiguration",
              ipConfiguration,
              networkInterface,
              machine: networkInterface.virtualMachine?.target,
            }
          : { kind: "scaleSetInstance", ipConfiguration, networkInterface, scaleSet, instance };
      return [ipConfiguration, owner] as const;
    });
  });
}

function machinesOf(network: Network): Hosts["machines"] {
  return network.virtualMachines.map((machine) => ({
    name: machine.name,
    machine,
    addresses: machine.networkInterfaces.flatMap(
      (reference) => reference.target?.ipConfigurations.flatMap((item) => item.privateIpAddress ?? []) ?? [],
    ),
  }));
}
