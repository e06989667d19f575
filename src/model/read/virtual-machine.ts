import type { PowerState, VirtualMachine } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Compute/virtualMachines` record. */
export function readVirtualMachine(record: ResourceRecord, links: Links): VirtualMachine {
  const { source } = record;
  const profile = source.object("networkProfile");
  const machine: VirtualMachine = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    powerState: powerStateOf(source),
    provisioningState: source.text("provisioningState"),
    networkInterfaces:
      profile === undefined ? [] : links.references("networkInterface", profile, "networkInterfaces"),
  };
  links.define("virtualMachine", record.id, machine);
  return machine;
}

const states: ReadonlyMap<string, PowerState> = new Map<string, PowerState>([
  ["deallocated", "deallocated"],
  ["deallocating", "stopping"],
  ["running", "running"],
  ["starting", "starting"],
  ["stopped", "stopped"],
  ["stopping", "stopping"],
]);

/**
 * `powerState: "VM running"` of `az vm show --show-details`, or the code `PowerState/running` of the instance view, which
 * PowerShell prints as `Statuses` of the machine itself. Without either it is not known.
 */
export function powerStateOf(source: Source): PowerState {
  const written = source.text("powerState") ?? powerCode(source.object("instanceView")) ?? powerCode(source);
  const word = written?.replace(/^(VM |PowerState\/)/i, "").toLowerCase() ?? "";
  return states.get(word) ?? "unknown";
}

function powerCode(view: Source | undefined): string | undefined {
  return view
    ?.list("statuses")
    .map((status) => status.text("code"))
    .find((code) => /^PowerState\//i.test(code ?? ""));
}
