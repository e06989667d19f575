import { readFileSync } from "node:fs";
import { BlockList, isIPv4 } from "node:net";
import { join } from "node:path";

/** What the example's own network does with packets from the gateway, by its documents; written without Causeway's code. */
export interface AzureNetwork {
  /** The first rule that fits decides, lower priorities first. */
  readonly cartIsOpen: boolean;
  readonly searchRuns: boolean;
}

interface Rule {
  readonly name: string;
  readonly priority: number;
  readonly direction: string;
  readonly access: string;
  readonly sourceAddressPrefix: string;
  readonly destinationPortRange: string;
}

export function networkIn(folder: string): AzureNetwork {
  const groups: readonly { readonly name: string; readonly securityRules: readonly Rule[] }[] = read(
    folder,
    "network-security-groups.json",
  );
  const machines: readonly { readonly name: string; readonly powerState: string }[] = read(
    folder,
    "virtual-machines.json",
  );
  const rules = groups.find(({ name }) => name === "nsg-cart")?.securityRules ?? [];
  const first = rules
    .filter((rule) => rule.direction === "Inbound" && concernsCart(rule))
    .sort((a, b) => a.priority - b.priority)[0];
  const search = machines.filter(({ name }) => name.startsWith("vm-search-"));
  return {
    cartIsOpen: first?.access === "Allow",
    searchRuns: search.every(({ powerState }) => powerState === "VM running"),
  };
}

/** From an instance of the gateway to port 5000. */
function concernsCart({ sourceAddressPrefix, destinationPortRange }: Rule): boolean {
  const [from = "", to = from] = destinationPortRange.split("-");
  const port = from === "*" || (Number(from) <= 5000 && 5000 <= Number(to));
  return port && (["*", "VirtualNetwork"].includes(sourceAddressPrefix) || holds(sourceAddressPrefix));
}

function holds(prefix: string): boolean {
  const [address = "", bits = "32"] = prefix.split("/");
  if (!isIPv4(address)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits));
  return list.check("10.10.1.4");
}

function read<T>(folder: string, file: string): T {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
