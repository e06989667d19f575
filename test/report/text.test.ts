import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { ReportInput } from "../../src/report/report-input.ts";
import { type TextOptions, textReport } from "../../src/report/text/report.ts";
import { columnsOf } from "../../src/report/text/width.ts";
import { brokenShop, healthyShop } from "./hand-made.ts";

const piped: TextOptions = { width: 80, color: false, unicode: true, verbose: false, quiet: false };

const looks: readonly (readonly [string, Partial<TextOptions>])[] = [
  ["80-columns", {}],
  ["110-columns", { width: 110 }],
  ["ascii", { unicode: false }],
  ["colour", { color: true }],
  ["verbose", { verbose: true }],
  ["quiet", { quiet: true }],
  ["40-columns", { width: 40 }],
];

describe("the text report", () => {
  it.each(looks)("of a broken gateway: %s", async (name, options) => {
    const text = textReport(brokenShop(), { ...piped, ...options });
    await expect(text).toMatchFileSnapshot(`snapshots/broken-${name}.txt`);
  });

  it("of a healthy gateway", async () => {
    await expect(textReport(healthyShop(), piped)).toMatchFileSnapshot("snapshots/healthy.txt");
  });

  it("of two gateways", async () => {
    const one = brokenShop();
    const other = healthyShop();
    const both: ReportInput = { ...one, diagnoses: [...one.diagnoses, ...other.diagnoses] };
    await expect(textReport(both, { ...piped, quiet: true })).toMatchFileSnapshot(
      "snapshots/two-gateways.txt",
    );
  });

  it("groups hundreds of routes that fare alike", () => {
    const routes = Array.from(
      { length: 400 },
      (_, index) => `${index % 2 === 0 ? "web" : "orders"}-${index}`,
    );
    const lines = textReport(brokenShop(routes), piped).split("\n");
    expect(lines).toContain("✗ 200 of 400 routes fail with 502; 200 not known.");
    expect(lines.length).toBeLessThan(90);
  });

  it.each([40, 80, 110])("keeps to %i columns, but for commands", (width) => {
    const long = "x".repeat(300);
    const input = brokenShop([`orders-${long}`, "web"], {
      document: `exports/${long}/${long}.json`,
      message: long,
    });
    for (const line of textReport(input, { ...piped, width }).split("\n")) {
      if (!/^ {2,8}(az |-)/.test(line)) expect(columnsOf(line), line).toBeLessThanOrEqual(width);
    }
  });

  it("says the same with and without colour", () => {
    const plain = textReport(brokenShop(), piped);
    expect(stripVTControlCharacters(textReport(brokenShop(), { ...piped, color: true }))).toBe(plain);
  });

  it("has no sign beyond ASCII where the terminal has none", () => {
    expect(textReport(brokenShop(), { ...piped, unicode: false, verbose: true })).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it("lets nothing from the input act on the terminal", () => {
    const evil = "a\u001b[2J\u001b]0;x\u0007b\u202ec\u2066d\u200be\r\nf\u0000g\u{e0041}h\ud800i";
    const names = { gateway: evil, summary: evil, message: evil, document: `exports/${evil}.json` };
    const text = textReport(brokenShop([`orders ${evil}`, "web"], names), { ...piped, verbose: true });
    expect(text).not.toMatch(/(?![\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).toContain("a\\u001b[2J");
    expect(text).toContain("\\u202e");
  });
});
