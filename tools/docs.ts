/**
 * Writes docs/causes.md and the table of docs/live.md from the causes, docs/cli.md from the options,
 * docs/endings.md and docs/metrics.md from the tables of the gateway, and the README's
 * excerpt from the example. `--check` only compares and exits 1 when a page is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { causesPage } from "./docs/causes-page.ts";
import { cliPage } from "./docs/cli-page.ts";
import { endingsPage } from "./docs/endings-page.ts";
import { livePage } from "./docs/live-causes.ts";
import { metricsPage } from "./docs/metrics-page.ts";
import { readmeWithExcerpt } from "./docs/readme-excerpt.ts";

const pages = [
  ["docs/causes.md", causesPage()],
  ["docs/cli.md", cliPage()],
  ["docs/endings.md", endingsPage()],
  ["docs/metrics.md", metricsPage()],
  ["docs/live.md", livePage(textOf("docs/live.md"))],
  ["README.md", await readmeWithExcerpt(textOf("README.md"))],
] as const;

function textOf(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

for (const [path, text] of pages) {
  const target = new URL(`../${path}`, import.meta.url);
  const same = existsSync(target) && readFileSync(target, "utf8") === text;
  if (!process.argv.includes("--check")) {
    writeFileSync(target, text);
    console.log(path);
  } else if (!same) {
    console.error(`${path} is out of date: run npm run generate`);
    process.exitCode = 1;
  }
}
