import { describe, expect, test } from "vitest";
import { documentedCauses } from "../../src/cli/documented-causes.ts";
import { facetsOf } from "../../src/diagnosis/facets/build.ts";
import { judge, judging } from "../../src/diagnosis/judge.ts";
import { serversOf } from "../../src/diagnosis/weigh.ts";
import { exampleCase } from "../support/example.ts";

const phases = ["name", "way"] as const;

describe("what documents say of silent servers", async () => {
  const kase = await exampleCase("contoso-shop", { observed: false });
  const [gateway] = kase.model.gateways;
  if (gateway === undefined) throw new Error("no gateway");
  const { findings } = judge(facetsOf(kase, gateway));

  test("is what the diagnosis says of each of them first", async () => {
    const documented = await documentedCauses(kase, gateway);
    const stopping = findings.filter(({ role, effect }) => role === "root" && effect === "stops");
    const ways = stopping.filter(({ layer }) => ["pool", "dns", "nsg", "route", "tcp"].includes(layer));
    const servers = ways.flatMap(({ affects }) => serversOf(affects));
    expect(servers.length).toBeGreaterThan(0);
    for (const server of servers) {
      const first = ways.find(({ affects }) => serversOf(affects).includes(server));
      const asked = { pairId: server.pair.id, address: server.address ?? "" };
      expect(documented(asked, "way")).toBe(first?.cause);
    }
    for (const phase of phases)
      expect(documented({ pairId: "p~s", address: "10.9.9.9" }, phase)).toBeUndefined();
  });

  test("is judged a check at a time, to the same end", () => {
    const steps = [...judging(facetsOf(kase, gateway))];
    expect(steps.length).toBeGreaterThan(100);
  });

  test("lets others have their turn while it is made", async () => {
    let turns = 0;
    let made = false;
    const count = (): void => {
      turns += 1;
      if (!made) setImmediate(count);
    };
    setImmediate(count);
    let clockMs = 0;
    // Every check takes longer than requests may wait.
    const now = (): number => {
      clockMs += 50;
      return clockMs;
    };
    await documentedCauses(kase, gateway, now);
    made = true;
    expect(turns).toBeGreaterThan(50);
  });
});
