import type { Change } from "../../model/change.ts";
import type { ResourceRecord } from "../../model/resource.ts";
import { parseResourceId } from "../../model/resource.ts";
import { azCommands } from "./az.ts";
import { bicepFragments } from "./bicep.ts";
import { currentListIn } from "./current-list.ts";
import { asWritten } from "./new-element.ts";
import { powerShellCommands } from "./powershell.ts";

/** A fix in the notations people use. Lists are in the order in which they must be run. */
export interface FixCommands {
  readonly az: readonly string[];
  readonly powershell: readonly string[];
  /** Fragments of the changed resources, to merge into a template. Empty when the fix is only an operation. */
  readonly bicep: readonly string[];
}

/** What command rendering needs of the case. */
export interface CommandContext {
  readonly gatewayId: string;
  /** The configuration as exported; lists are looked up here where a command needs the whole of one. */
  readonly records: readonly ResourceRecord[];
}

export function fixCommands(changes: readonly Change[], context: CommandContext): FixCommands {
  const written = asWritten(changes);
  return {
    az: azCommands(written, {
      subscription: parseResourceId(context.gatewayId).subscription,
      currentList: currentListIn(context.records),
    }),
    powershell: powerShellCommands(written),
    bicep: bicepFragments(written),
  };
}
