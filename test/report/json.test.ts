import { describe, expect, it } from "vitest";
import { jsonReport } from "../../src/report/json.ts";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import { brokenShop, healthyShop } from "./hand-made.ts";
import { validate, validReport } from "./schema.ts";

describe("the JSON report", () => {
  it("of one gateway is one object", () => {
    const diagnosis = validReport(jsonReport(brokenShop())) as DiagnosisJson;
    expect(diagnosis).toMatchObject({
      format: "causeway/diagnosis/v1",
      gateway: { id: expect.stringContaining("/agw-shop"), sku: "Standard_v2", generation: "v2" },
      routes: [
        {
          id: "shop/orders",
          outcome: "fails",
          status: 502,
          causedBy: ["nsg-backend-subnet-in:nsg-orders/deny-all"],
        },
        { id: "shop/web", outcome: "unknown", status: null, causedBy: [] },
      ],
    });
    expect(diagnosis.routes[0]?.servers[0]).toEqual({
      address: "10.0.2.4",
      port: 8080,
      outcome: "fails",
      causedBy: ["nsg-backend-subnet-in:nsg-orders/deny-all"],
    });
  });

  it("holds the fix as data and as commands", () => {
    const [finding] = (validReport(jsonReport(brokenShop())) as DiagnosisJson).findings;
    expect(finding?.fix).toMatchObject({ verified: true, reason: null, changes: [{ action: "add" }] });
    expect(finding?.fix?.commands.az).toHaveLength(1);
    expect(finding?.fix?.commands.powershell).toHaveLength(3);
    expect(finding?.fix?.commands.bicep).toHaveLength(1);
  });

  it("names what would decide a check, and the command", () => {
    const { checks } = validReport(jsonReport(brokenShop())) as DiagnosisJson;
    expect(checks.find(({ cause }) => cause === "nsg-backend-nic-in")?.needs).toEqual([
      "which rules apply at the network interface of 10.0.2.4: az network nic list > nics.json",
    ]);
  });

  it("of several gateways is an array", () => {
    const one = brokenShop();
    const both = { ...one, diagnoses: [...one.diagnoses, ...healthyShop().diagnoses] };
    expect(validReport(jsonReport(both))).toHaveLength(2);
  });

  it("is refused by the schema when a field is added or missing", () => {
    const diagnosis = JSON.parse(jsonReport(healthyShop())) as Record<string, unknown>;
    expect(validate({ ...diagnosis, extra: 1 })).toBe(false);
    const { checks: _checks, ...rest } = diagnosis;
    expect(validate(rest)).toBe(false);
  });
});
