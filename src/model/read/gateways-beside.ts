import type { Network } from "../model.ts";
import { nameOfId, type Resource, type ResourceRecord } from "../resource.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Network/natGateways` record: only that it exists, and which subnets use it. */
export function readNatGateway({ id, source }: ResourceRecord, links: Links): Resource {
  const gateway: Resource = { id, name: source.text("name") ?? nameOfId(id), source };
  links.define("natGateway", id, gateway);
  return gateway;
}

/** Reads a VPN or ExpressRoute gateway: only that it exists, and the subnet it stands in (network.md §5). */
export function readVirtualNetworkGateway({
  id,
  source,
}: ResourceRecord): Network["virtualNetworkGateways"][number] {
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    subnetIds: source.objects("ipConfigurations").flatMap((item) => item.referenceId("subnet") ?? []),
  };
}
