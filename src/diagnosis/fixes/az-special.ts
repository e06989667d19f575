import type { Json } from "../../model/change.ts";
import { quoteShell } from "../quoting.ts";
import { isForeignSubnet, nameOf, ownerOf, type Target, targetOf } from "./target.ts";

/** Commands that are unlike the others: their words by hand. */

/** `az network private-dns record-set a add-record` makes the set too when it is not there. */
export function addressRecord(target: Target, body: Readonly<Record<string, Json>>): string[] {
  const properties = (body.properties ?? body) as { readonly [key: string]: Json };
  const records = (properties.aRecords ?? properties.ARecords ?? []) as readonly { ipv4Address?: Json }[];
  return [
    ..."network private-dns record-set a add-record --resource-group".split(" "),
    quoteShell(target.resourceGroup),
    "--zone-name",
    quoteShell(target.names[0] ?? "<zone>"),
    "--record-set-name",
    quoteShell(nameOf(target)),
    "--ipv4-address",
    quoteShell(String(records[0]?.ipv4Address ?? "<address>")),
  ];
}

/** A network interface joins or leaves a pool. */
export function nicPool(verb: "add" | "remove", target: Target, value: Json): string[] {
  const pool = targetOf(typeof value === "string" ? value : String((value as { id?: Json }).id ?? ""));
  return [
    ..."network nic ip-config address-pool".split(" "),
    verb,
    "--resource-group",
    quoteShell(target.resourceGroup),
    "--nic-name",
    quoteShell(target.names[0] ?? "<nic>"),
    "--ip-config-name",
    quoteShell(nameOf(target)),
    // By name it is looked for in the group of the interface; an id goes without the gateway's name.
    ...(isBeside(pool, target)
      ? [
          "--gateway-name",
          quoteShell(pool.names[0] ?? "<gateway>"),
          "--address-pool",
          quoteShell(nameOf(pool)),
        ]
      : ["--address-pool", quoteShell(pool.id)]),
  ];
}

function isBeside(one: Target, other: Target): boolean {
  const place = ({ subscription, resourceGroup }: Target): string =>
    `${subscription}/${resourceGroup}`.toLowerCase();
  return place(one) === place(other);
}

/** An access rule of an App Service. */
export function accessRestriction(target: Target, value: Json): string[] {
  const rule = (typeof value === "object" && value !== null ? value : {}) as { readonly [key: string]: Json };
  const from =
    rule.vnetSubnetResourceId !== undefined
      ? ["--subnet", quoteShell(String(rule.vnetSubnetResourceId))]
      : ["--ip-address", quoteShell(String(rule.ipAddress ?? "<address>"))];
  const site = ownerOf(target);
  return [
    ..."webapp config access-restriction add --resource-group".split(" "),
    quoteShell(site.resourceGroup),
    "--name",
    quoteShell(site.names[0] ?? "<site>"),
    "--rule-name",
    quoteShell(String(rule.name ?? "allow-gateway")),
    "--action",
    quoteShell(String(rule.action ?? "Allow")),
    "--priority",
    quoteShell(String(rule.priority ?? 100)),
    ...from,
    ...(isForeignSubnet(site, rule.vnetSubnetResourceId) ? ["--ignore-missing-endpoint", "true"] : []),
  ];
}
