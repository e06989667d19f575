import type { FirewallRule, Host, HostFirewall } from "../world/world.ts";
import { type Plugged, routerAddress } from "./plan.ts";
import { rangesOf, setText } from "./ranges.ts";
import type { Commands } from "./router.ts";

/** A machine at the end of a cable. */
export function hostCommands(port: Plugged, host: Host | undefined): Commands {
  const { firewall, forwards = false, innerAddresses = [] } = host ?? {};
  const [address = ""] = port.addresses;
  const link = port.off
    ? ["link set eth0 down"]
    : [
        "link set eth0 up",
        `route replace ${routerAddress} dev eth0 scope link src ${address}`,
        `route replace default via ${routerAddress} dev eth0 onlink src ${address}`,
      ];
  return {
    clear: [],
    ip: [
      "link set lo up",
      ...innerAddresses.map((one) => `addr replace ${one}/32 dev lo`),
      ...port.addresses.map((one) => `addr replace ${one}/32 dev eth0`),
      ...link,
    ],
    nft: firewallText(firewall, forwards),
    forwards,
  };
}

function firewallText(firewall: HostFirewall = {}, forwards: boolean): string {
  const { input = [], forward = [], stateful = true, masquerade = false } = firewall;
  const lines = [
    "flush ruleset",
    "table ip host {",
    // Connections whose first packet was lost, and their second.
    ...["once", "twice"].map(
      (set) => `set ${set} { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 30s; }`,
    ),
    "chain input { type filter hook input priority filter; policy accept;",
    'iifname "lo" accept',
    ...(input.length > 0 ? ["ct state established,related accept"] : []),
    ...input.flatMap(ruleTexts),
    "}",
    ...(forwards ? forwardLines(forward, stateful, masquerade) : []),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function forwardLines(
  rules: readonly FirewallRule[],
  stateful: boolean,
  masquerade: boolean,
): readonly string[] {
  const strict = [
    "ct state invalid drop",
    "ct state new tcp flags & (fin | syn | rst | ack) != syn drop",
    "ct state established,related accept",
  ];
  return [
    "chain forward { type filter hook forward priority filter; policy accept;",
    ...(stateful ? strict : []),
    ...rules.flatMap(ruleTexts),
    "}",
    ...(masquerade
      ? [
          "chain post { type nat hook postrouting priority srcnat; policy accept;",
          'oifname "eth0" masquerade',
          "}",
        ]
      : []),
    // It does not tell whom it sends elsewhere.
    "chain output { type filter hook output priority filter; policy accept; icmp type redirect drop; }",
  ];
}

function ruleTexts({ action, protocol = "tcp", ports, from, to }: FirewallRule): readonly string[] {
  const source = from === undefined ? "" : `ip saddr ${setText(rangesOf(from)) ?? "0.0.0.0/0"} `;
  const destination = to === undefined ? "" : `ip daddr ${setText(rangesOf(to)) ?? "0.0.0.0/0"} `;
  const port = ports === undefined ? "" : `${protocol} dport { ${ports.join(", ")} } `;
  const matches = `meta l4proto ${protocol} ${source}${destination}${port}`;
  if (action === "lose-two") {
    const first = `${matches}tcp flags & (syn | ack) == syn`;
    const peer = "ip saddr . tcp sport";
    return [
      `${first} ${peer} @twice accept`,
      `${first} ${peer} @once add @twice { ${peer} } drop`,
      `${first} add @once { ${peer} } drop`,
    ];
  }
  const verdict = action === "reject" && protocol === "tcp" ? "reject with tcp reset" : action;
  return [`${matches}${verdict}`];
}
