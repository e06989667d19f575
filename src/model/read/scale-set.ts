import type { ScaleSet, ScaleSetInstance } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import { idsIn } from "./network-interface.ts";
import { powerStateOf } from "./virtual-machine.ts";

/**
 * Reads a `Microsoft.Compute/virtualMachineScaleSets` record. Its instances are exported apart (`az vmss list-instances`)
 * and stand below it as `virtualMachines`.
 */
export function readScaleSet({ id, source }: ResourceRecord): ScaleSet {
  const profile = source.object("virtualMachineProfile")?.object("networkProfile");
  const interfaces = profile?.objects("networkInterfaceConfigurations") ?? [];
  const configurations = interfaces.flatMap((item) => item.objects("ipConfigurations"));
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    upgradeMode: source.object("upgradePolicy")?.text("mode"),
    gatewayPoolIds: distinct(
      configurations.flatMap((item) => idsIn(item, "applicationGatewayBackendAddressPools")),
    ),
    subnetIds: distinct(configurations.flatMap((item) => item.referenceId("subnet") ?? [])),
    networkSecurityGroupIds: distinct(
      interfaces.flatMap((item) => item.referenceId("networkSecurityGroup") ?? []),
    ),
    instances: source.objects("virtualMachines").map((item) => readInstance(id, item)),
  };
}

function readInstance(scaleSetId: string, source: Source): ScaleSetInstance {
  const id = source.text("id") ?? `${scaleSetId}/virtualMachines/${source.text("instanceId") ?? ""}`;
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    instanceId: source.text("instanceId") ?? nameOfId(id),
    latestModelApplied: source.boolean("latestModelApplied"),
    powerState: powerStateOf(source),
  };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Map(ids.map((id) => [id.toLowerCase(), id])).values()];
}
