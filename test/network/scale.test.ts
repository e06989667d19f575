import { expect, test } from "vitest";
import { PathAnalyser } from "../../src/network/path-analysis.ts";
import { networkInterface, networkOf, rule, securityGroup, subnetOf, to, virtualNetwork } from "./builder.ts";

/** A thousand rules, each for one server of its own. */
const manyRules = (direction: "Inbound" | "Outbound") =>
  Array.from({ length: 1000 }, (_, i) =>
    rule(`r${i}`, 100 + i, i % 2 === 0 ? "Allow" : "Deny", {
      direction,
      protocol: "tcp",
      from: "10.0.1.0/24",
      to: `10.${16 + (i % 8)}.${i % 256}.${i % 200}/32`,
      port: ["8080", "9000-9100"],
    }),
  );

test("a large pool behind large groups: a path costs little more than look-ups, and hops are shared", () => {
  const home = virtualNetwork("vnet", "10.0.0.0/8", [
    { name: "agw", prefix: "10.0.1.0/24", group: securityGroup("nsg-agw", ...manyRules("Outbound")) },
    ...Array.from({ length: 8 }, (_, i) => ({
      name: `app${i}`,
      prefix: `10.${16 + i}.0.0/16`,
      group: securityGroup(`nsg-app${i}`, ...manyRules("Inbound")),
    })),
  ]);
  const own = securityGroup("nsg-nic", ...manyRules("Inbound"));
  const addresses = Array.from(
    { length: 120_000 },
    (_, i) => `10.${16 + (i % 8)}.${(i >> 11) & 255}.${(i >> 3) & 255}`,
  );
  const networkInterfaces = addresses.map((address, i) =>
    networkInterface(`nic${i}`, address, subnetOf(home, `app${i % 8}`), { group: own }),
  );
  const network = networkOf([home], { networkInterfaces });
  const from = to(subnetOf(home, "agw"));

  const started = performance.now();
  const analyser = new PathAnalyser(network);
  const hops = new Set<unknown>();
  let denied = 0;
  for (const address of addresses) {
    const path = analyser.path(from, { address, port: 8080 });
    hops.add(path.hops);
    if (path.verdict === "no") denied++;
  }
  const elapsedMs = performance.now() - started;

  expect(denied).toBeGreaterThan(50);
  expect(denied).toBeLessThan(1000);
  // One class per rule and gap between rules, not one per server.
  expect(hops.size).toBeLessThan(3000);
  // About 0.3 s on a quiet machine; the bound only catches work that grows with servers times rules.
  expect(elapsedMs).toBeLessThan(5000);
});
