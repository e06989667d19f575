import { describe, expect, it } from "vitest";
import { markdownReport } from "../../src/report/markdown.ts";
import { brokenShop, healthyShop } from "./hand-made.ts";

describe("the Markdown report", () => {
  it("of a broken gateway", async () => {
    await expect(markdownReport(brokenShop())).toMatchFileSnapshot("snapshots/broken-markdown.txt");
  });

  it("of a healthy gateway", async () => {
    await expect(markdownReport(healthyShop())).toMatchFileSnapshot("snapshots/healthy-markdown.txt");
  });

  it("lets nothing from the input become markup", () => {
    const evil =
      "</details><img src=x onerror=alert(1)> [a](http://evil) ![b](c) | @all `code` ``` # \u202e\n# h";
    const names = { gateway: evil, summary: evil, message: evil, document: `exports/${evil}.json` };
    const text = markdownReport(brokenShop([`orders ${evil}`, "web"], names));
    const outside = outsideCode(text);
    expect(outside).not.toMatch(/(?<!\\)<(?!\/?details>|\/?summary>)/);
    expect(outside).not.toMatch(/(?<!\\)\[/);
    expect(outside).not.toMatch(/(?<!\\)@/);
    expect(outside).not.toContain("http://");
    expect(text).not.toContain("\u202e");
    expect(text.split("\n").filter((line) => line.startsWith("# "))).toHaveLength(1);
  });
});

/** The text without code blocks and code spans. */
function outsideCode(text: string): string {
  return text
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
}
