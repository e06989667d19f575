import { describe, expect, test } from "vitest";
import { diagnose } from "../src/diagnosis/diagnose.ts";
import { exampleCase } from "./support/example.ts";

/** The six headings of the classic 502 article, each with its fault in the example. */
const faults = {
  "network security group, route or DNS": "nsg-backend-subnet-in",
  "default probe": "probe-default-host",
  "custom probe": "probe-narrow-match",
  "request time-out": "timeout-v2",
  "empty pool": "pool-empty",
  "unhealthy instances": "backend-down",
} as const;

async function diagnosisOf(name: string) {
  const kase = await exampleCase(name, { observed: true });
  const [gateway] = kase.model.gateways;
  if (gateway === undefined) throw new Error(`${name} has a gateway`);
  return diagnose(kase, gateway);
}

describe("examples", () => {
  test("contoso-shop: all six faults, each with a verified fix, on six routes, and nothing else", async () => {
    const { findings, routes } = await diagnosisOf("contoso-shop");
    const roots = findings.filter(({ role }) => role === "root");
    expect(roots.map(({ cause }) => cause).sort()).toEqual(Object.values(faults).sort());
    expect(roots.filter(({ fix }) => fix?.verified !== true).map(({ id }) => id)).toEqual([]);
    expect(findings.filter(({ role }) => role === "risk").map(({ id }) => id)).toEqual([]);
    const troubled = routes.filter(({ outcome }) => outcome !== "ok");
    expect(troubled.length).toBe(6);
    expect(new Set(troubled.map(({ causedBy }) => causedBy.map(({ id }) => id).join())).size).toBe(6);
  });

  test("contoso-shop-fixed: clean", async () => {
    const { findings, routes } = await diagnosisOf("contoso-shop-fixed");
    expect(findings.map(({ id }) => id)).toEqual([]);
    expect(routes.filter(({ outcome }) => outcome !== "ok").map(({ route }) => route.id)).toEqual([]);
  });
});
