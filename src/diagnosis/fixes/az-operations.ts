import type { Change } from "../../model/change.ts";
import { quoteShell } from "../quoting.ts";
import { nameOf, type Target } from "./target.ts";

export type Operation = Extract<Change, { action: "operate" }>["operation"];

type Words = readonly string[];

const gateway = ["network", "application-gateway"];

/** What each operation is called, by resource type. A restart of a gateway is a stop and a start. */
const operations: Readonly<Record<string, Partial<Record<Operation, (target: Target) => readonly Words[]>>>> =
  {
    "microsoft.compute/virtualmachines": {
      start: (target) => [["vm", "start", ...groupAndName(target)]],
      restart: (target) => [["vm", "restart", ...groupAndName(target)]],
      "stop-start": (target) => [
        ["vm", "deallocate", ...groupAndName(target)],
        ["vm", "start", ...groupAndName(target)],
      ],
      reapply: (target) => [["vm", "reapply", ...groupAndName(target)]],
    },
    "microsoft.compute/virtualmachinescalesets": {
      start: (target) => [["vmss", "start", ...groupAndName(target)]],
      restart: (target) => [["vmss", "restart", ...groupAndName(target)]],
      "update-instances": (target) => [
        ["vmss", "update-instances", ...groupAndName(target), "--instance-ids", "'*'"],
      ],
    },
    "microsoft.compute/virtualmachinescalesets/virtualmachines": {
      start: (target) => [["vmss", "start", ...instance(target)]],
      restart: (target) => [["vmss", "restart", ...instance(target)]],
      "update-instances": (target) => [["vmss", "update-instances", ...instance(target)]],
    },
    "microsoft.network/applicationgateways": {
      start: (target) => [[...gateway, "start", ...groupAndName(target)]],
      restart: stopAndStart,
      "stop-start": stopAndStart,
      reapply: (target) => [[...gateway, "update", ...groupAndName(target)]],
    },
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": {
      sync: (target) => [
        [
          "network",
          "vnet",
          "peering",
          "sync",
          "--resource-group",
          quoteShell(target.resourceGroup),
          "--vnet-name",
          quoteShell(target.names[0] ?? "<vnet>"),
          "--name",
          quoteShell(nameOf(target)),
        ],
      ],
    },
    "microsoft.web/sites": {
      start: (target) => [["webapp", "start", ...groupAndName(target)]],
      restart: (target) => [["webapp", "restart", ...groupAndName(target)]],
      "stop-start": (target) => [
        ["webapp", "stop", ...groupAndName(target)],
        ["webapp", "start", ...groupAndName(target)],
      ],
    },
  };

/** The commands of an operation; Azure's own action of that name when the type is not in the table. */
export function azOperation(target: Target, operation: Operation, line: (words: Words) => string): string[] {
  const known = operations[target.type]?.[operation];
  if (known !== undefined) return known(target).map(line);
  if (operation === "reapply") return [line(["resource", "update", ...ids(target)])];
  const actions = operation === "stop-start" ? ["stop", "start"] : [operation];
  return actions.map((action) => line(["resource", "invoke-action", "--action", action, ...ids(target)]));
}

function stopAndStart(target: Target): readonly Words[] {
  return [
    [...gateway, "stop", ...groupAndName(target)],
    [...gateway, "start", ...groupAndName(target)],
  ];
}

function ids(target: Target): string[] {
  return ["--ids", quoteShell(target.id)];
}

function groupAndName(target: Target): string[] {
  return [
    "--resource-group",
    quoteShell(target.resourceGroup),
    "--name",
    quoteShell(target.names[0] ?? "<name>"),
  ];
}

function instance(target: Target): string[] {
  return [...groupAndName(target), "--instance-ids", quoteShell(nameOf(target))];
}
