import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { causes } from "../../src/diagnosis/causes/all.ts";

const folder = fileURLToPath(new URL("../live/", import.meta.url));

/** Everything the live tests say. */
const told = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(`${folder}${name}`, "utf8"))
  .join("\n");

describe("causes that are decided live", () => {
  const live = causes.filter(({ decidedBy, decide }) => decide !== undefined && decidedBy.includes("live"));

  test("there are many", () => {
    expect(live.length).toBeGreaterThan(50);
  });

  test("each is named in a live test", () => {
    expect(live.filter(({ id }) => !told.includes(`"${id}"`)).map(({ id }) => id)).toEqual([]);
  });
});
