import type { Change } from "../../model/change.ts";
import { created } from "./powershell-create.ts";
import { type Edit, editedAsObject } from "./powershell-edit.ts";
import { powerShellOwners } from "./powershell-nouns.ts";
import { powerShellOperation } from "./powershell-operations.ts";
import { peeringEdit } from "./powershell-peering.ts";
import { editedAsResource } from "./powershell-resource.ts";
import { ownerOf, type Target, targetOf } from "./target.ts";

/** The changes as Az PowerShell, in order: each resource is fetched, changed and saved once. */
export function powerShellCommands(changes: readonly Change[]): string[] {
  const commands: string[] = [];
  let edits: Edit[] = [];
  const flush = (): void => {
    const [first] = edits;
    if (first !== undefined) commands.push(...edited(savedWith(first), edits));
    edits = [];
  };
  for (const change of changes) {
    if (change.action === "create" || change.action === "operate") {
      flush();
      const target = targetOf(change.resourceId);
      commands.push(
        ...(change.action === "create"
          ? created(target, change.body)
          : powerShellOperation(target, change.operation)),
      );
      continue;
    }
    const peering = peeringEdit(change);
    if (peering !== undefined) {
      flush();
      commands.push(...peering);
      continue;
    }
    const [first] = edits;
    if (first !== undefined && savedWith(first).id.toLowerCase() !== savedWith(change).id.toLowerCase())
      flush();
    edits.push(change);
  }
  flush();
  return commands;
}

/** What is fetched and saved: the whole resource where Az PowerShell has an object for it, else the part itself. */
function savedWith(edit: Edit): Target {
  const target = targetOf(edit.resourceId);
  const owner = ownerOf(target);
  return powerShellOwners[owner.type] === undefined ? target : owner;
}

function edited(target: Target, edits: readonly Edit[]): string[] {
  const known = powerShellOwners[target.type];
  return known === undefined ? editedAsResource(target, edits) : editedAsObject(known, target, edits);
}
