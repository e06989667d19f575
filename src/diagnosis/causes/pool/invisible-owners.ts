import type { Network } from "../../../model/model.ts";
import type { Subnet } from "../../../model/network.ts";
import { idKey, nameOfId } from "../../../model/resource.ts";
import type { Server } from "../../../routing/routes.ts";
import { exportCommand, groupAndName, subscriptionGroupAndName } from "../../exports.ts";
import type { Reach } from "../../facets.ts";
import type { Need } from "../../finding.ts";
import { quoteShell } from "../../quoting.ts";

/** Something may have an address without any exported interface saying so. */
export interface Invisible {
  /** There certainly are such owners in the subnet; otherwise there may be. */
  readonly certain: boolean;
  readonly needs: Need;
}

/**
 * What `az network nic list` does not show: instances of scale sets, services in delegated subnets, and frontends of
 * load balancers that were not listed.
 */
export function invisibleOwners(
  network: Network,
  servers: readonly Server[],
  reach: Reach,
): Invisible | undefined {
  const [server] = servers;
  const subnet = server === undefined ? undefined : reach.of(server)?.destination.subnet;
  if (server === undefined || subnet === undefined) return undefined;
  const what = `whether anything has ${server.address} in subnet ${subnet.name}`;
  const scaleSet = network.scaleSets.find(
    ({ id, subnetIds }) =>
      subnetIds.some((one) => idKey(one) === idKey(subnet.id)) && !hasInterfacesOf(network, id),
  );
  if (scaleSet !== undefined) {
    const [group] = groupAndName(scaleSet.id).split(" --name ");
    const command = `az vmss nic list ${group} --vmss-name ${quoteShell(scaleSet.name)} > vmss-nics.json`;
    return { certain: true, needs: { what, command } };
  }
  if (subnet.delegations.length > 0 || attachedScaleSet(network, subnet) !== undefined) {
    return { certain: true, needs: { what, command: addressCheck(subnet, server.address ?? "") } };
  }
  const balancers = "microsoft.network/loadbalancers";
  if (network.listedTypes.has(balancers)) return undefined;
  return { certain: false, needs: { what, command: exportCommand(balancers) } };
}

function hasInterfacesOf(network: Network, scaleSetId: string): boolean {
  const start = `${idKey(scaleSetId)}/`;
  return network.networkInterfaces.some(({ id }) => idKey(id).startsWith(start));
}

/** Subnets list what stands in them; an instance of a scale set whose interfaces were not exported shows there. */
function attachedScaleSet(network: Network, subnet: Subnet): string | undefined {
  return subnet.source
    .list("ipConfigurations")
    .map((item) => item.text("id") ?? "")
    .find((id) => {
      const scaleSet = /^(.*\/virtualmachinescalesets\/[^/]+)\//.exec(idKey(id))?.[1];
      return scaleSet !== undefined && !hasInterfacesOf(network, scaleSet);
    });
}

/** Azure itself says whether an address is free. */
function addressCheck({ id, virtualNetwork }: Subnet, address: string): string {
  const network = virtualNetwork?.id ?? id.replace(/\/subnets\/[^/]+$/i, "");
  return `az network vnet check-ip-address ${subscriptionGroupAndName(network)} --ip-address ${quoteShell(address)} > ${nameOfId(network)}-address.json`;
}
