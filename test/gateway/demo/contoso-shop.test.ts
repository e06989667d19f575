import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compareAll } from "../../../tools/demo/compare.ts";
import { faults } from "../../../tools/demo/faults.ts";
import { tableOf } from "../../../tools/demo/words.ts";
import { demoWorld } from "../../../tools/demo/world.ts";

const causes: Readonly<Record<string, string>> = {
  orders: "pool-empty",
  account: "probe-default-host",
  catalog: "probe-narrow-match",
  cart: "nsg-backend-subnet-in",
  search: "backend-down",
  reports: "timeout-v2",
};

describe("contoso-shop served on this machine", () => {
  test("each fault gives its status, the cause and the fix that diagnose gives; fixed and read again, the route works", {
    timeout: 100_000,
  }, async () => {
    await using world = await demoWorld({ quick: true, usualPorts: false });
    const all = await compareAll(world);
    expect(
      all.map(({ fault, diagnosed, ...seen }) => ({ route: fault.route, cause: diagnosed.cause, ...seen })),
    ).toEqual(
      all.map(({ diagnosed }, index) => {
        const { route, status } = faults[index] ?? { route: "", status: 0 };
        const cause = causes[route];
        return {
          ...{ route, status, cause, recorded: cause },
          ...{ explained: { cause, fix: diagnosed.fix }, fixedStatus: 200 },
        };
      }),
    );
    expect(all.map(({ fault }) => fault.route)).toEqual(Object.keys(causes));
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const [, shown] = /<!-- table of: npm run demo -- --once -->\n\n```text\n(.*?)\n```/s.exec(readme) ?? [];
    expect(tableOf(all).split("\n\n")[0]).toBe(shown);
    for (const { diagnosed } of all) expect(diagnosed.fix.join("\n")).toMatch(/^az /);
  });
});
