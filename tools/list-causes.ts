/**
 * Writes src/diagnosis/causes/all.ts, the one list of causes in catalogue order, from the files that are there.
 * `--check` only compares and exits 1 when the list is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { causeIds } from "../src/diagnosis/cause-ids.ts";

const folder = new URL("../src/diagnosis/causes/", import.meta.url);
const target = new URL("all.ts", folder);

const files = new Map<string, string>();
for (const layer of readdirSync(folder, { withFileTypes: true })) {
  if (!layer.isDirectory()) continue;
  for (const file of readdirSync(new URL(`${layer.name}/`, folder))) {
    const id = file.replace(/\.ts$/, "");
    if ((causeIds as readonly string[]).includes(id)) files.set(id, `./${layer.name}/${file}`);
  }
}
const ids = causeIds.filter((id) => files.has(id));
const variable = (id: string): string => id.replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const text = `import type { Cause } from "../cause.ts";
${ids
  .map((id) => ({ id, path: files.get(id) ?? "" }))
  .sort((a, b) => (a.path < b.path ? -1 : 1))
  .map(({ id, path }) => `import ${variable(id)} from "${path}";`)
  .join("\n")}

/** Every cause, in the order of the catalogue. Written by \`npm run generate\` from the files beside it. */
export const causes: readonly Cause[] = [
${ids.map((id) => `  ${variable(id)},`).join("\n")}
];
`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/diagnosis/causes/all.ts is out of date: run npm run generate");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
  console.log(`${ids.length} of ${causeIds.length} causes`);
}
