import type { LoadBalancer } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";

/** Reads a `Microsoft.Network/loadBalancers` record: its frontends are addresses that gateways and routes point at. */
export function readLoadBalancer({ id, source }: ResourceRecord): LoadBalancer {
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    frontends: source.objects("frontendIPConfigurations").map((item) => ({
      name: item.text("name") ?? "",
      privateIpAddress: item.text("privateIPAddress") || undefined,
      publicIpAddressId: item.referenceId("publicIPAddress"),
      subnetId: item.referenceId("subnet"),
    })),
    rulePorts: source.objects("loadBalancingRules").flatMap((rule) => rule.number("frontendPort") ?? []),
  };
}
