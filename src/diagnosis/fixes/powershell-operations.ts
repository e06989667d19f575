import { quotePowerShell } from "../quoting.ts";
import type { Operation } from "./az-operations.ts";
import { nameOf, type Target } from "./target.ts";

type Lines = readonly string[];

/** What each operation is called, by resource type. */
const operations: Readonly<Record<string, Partial<Record<Operation, (target: Target) => Lines>>>> = {
  "microsoft.compute/virtualmachines": {
    start: (target) => [`Start-AzVM -Id ${quotePowerShell(target.id)}`],
    restart: (target) => [`Restart-AzVM -Id ${quotePowerShell(target.id)}`],
    "stop-start": (target) => [
      `Stop-AzVM -Id ${quotePowerShell(target.id)} -Force`,
      `Start-AzVM -Id ${quotePowerShell(target.id)}`,
    ],
    reapply: (target) => [`Set-AzVM ${groupAndName(target)} -Reapply`],
  },
  "microsoft.compute/virtualmachinescalesets": {
    start: (target) => [`Start-AzVmss ${scaleSet(target)}`],
    restart: (target) => [`Restart-AzVmss ${scaleSet(target)}`],
    "update-instances": (target) => [`Update-AzVmssInstance ${scaleSet(target)} -InstanceId '*'`],
  },
  "microsoft.compute/virtualmachinescalesets/virtualmachines": {
    start: (target) => [`Start-AzVmss ${scaleSet(target)} -InstanceId ${quotePowerShell(nameOf(target))}`],
    restart: (target) => [
      `Restart-AzVmss ${scaleSet(target)} -InstanceId ${quotePowerShell(nameOf(target))}`,
    ],
    "update-instances": (target) => [
      `Update-AzVmssInstance ${scaleSet(target)} -InstanceId ${quotePowerShell(nameOf(target))}`,
    ],
  },
  "microsoft.network/applicationgateways": {
    start: (target) => [gateway(target), "Start-AzApplicationGateway -ApplicationGateway $gateway"],
    restart: stopAndStart,
    "stop-start": stopAndStart,
    reapply: (target) => [gateway(target), "Set-AzApplicationGateway -ApplicationGateway $gateway"],
  },
  "microsoft.network/virtualnetworks/virtualnetworkpeerings": {
    sync: (target) => [
      `Sync-AzVirtualNetworkPeering -ResourceGroupName ${quotePowerShell(target.resourceGroup)} -VirtualNetworkName ${quotePowerShell(target.names[0] ?? "<vnet>")} -Name ${quotePowerShell(nameOf(target))}`,
    ],
  },
  "microsoft.web/sites": {
    start: (target) => [`Start-AzWebApp ${groupAndName(target)}`],
    restart: (target) => [`Restart-AzWebApp ${groupAndName(target)}`],
    "stop-start": (target) => [
      `Stop-AzWebApp ${groupAndName(target)}`,
      `Start-AzWebApp ${groupAndName(target)}`,
    ],
  },
};

export function powerShellOperation(target: Target, operation: Operation): Lines {
  const known = operations[target.type]?.[operation];
  if (known !== undefined) return known(target);
  const id = quotePowerShell(target.id);
  if (operation === "reapply") return [`Get-AzResource -ResourceId ${id} | Set-AzResource -Force`];
  const actions = operation === "stop-start" ? ["stop", "start"] : [operation];
  return actions.map((action) => `Invoke-AzResourceAction -ResourceId ${id} -Action ${action} -Force`);
}

function stopAndStart(target: Target): Lines {
  return [
    gateway(target),
    "Stop-AzApplicationGateway -ApplicationGateway $gateway",
    "Start-AzApplicationGateway -ApplicationGateway $gateway",
  ];
}

function gateway(target: Target): string {
  return `$gateway = Get-AzApplicationGateway ${groupAndName(target)}`;
}

function groupAndName(target: Target): string {
  return `-ResourceGroupName ${quotePowerShell(target.resourceGroup)} -Name ${quotePowerShell(target.names[0] ?? "<name>")}`;
}

function scaleSet(target: Target): string {
  return `-ResourceGroupName ${quotePowerShell(target.resourceGroup)} -VMScaleSetName ${quotePowerShell(target.names[0] ?? "<name>")}`;
}
