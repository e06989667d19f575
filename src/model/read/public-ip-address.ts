import type { PublicIpAddress } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Network/publicIPAddresses` record. */
export function readPublicIpAddress(record: ResourceRecord, links: Links): PublicIpAddress {
  const { source } = record;
  const address: PublicIpAddress = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    ipAddress: source.text("ipAddress") || undefined,
    fqdn: source.object("dnsSettings")?.text("fqdn") || undefined,
    idleTimeoutMinutes: source.number("idleTimeoutInMinutes"),
  };
  links.define("publicIpAddress", record.id, address);
  return address;
}
