import type { ApplicationSecurityGroup } from "../network.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Network/applicationSecurityGroups` record. Its members are joined from the interfaces later. */
export function readApplicationSecurityGroup(record: ResourceRecord, links: Links): ApplicationSecurityGroup {
  const { source } = record;
  const group: ApplicationSecurityGroup = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    members: [],
  };
  links.define("applicationSecurityGroup", record.id, group);
  return group;
}
