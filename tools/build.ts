/**
 * Makes dist/, what the package ships: checks the types, bundles the sources so that a run loads a handful of modules
 * instead of hundreds, and looks at the result. Run by `npm run build` and before `npm pack`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const { files, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  files: string[];
  dependencies: Record<string, string>;
};

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
await build({
  input: { run: join(root, "src/cli/run.ts") },
  platform: "node",
  external: [/^node:/, ...Object.keys(dependencies)],
  output: { dir: join(dist, "cli"), format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
});
const missing = [...files, "dist/cli/run.js"].filter((path) => !existsSync(join(root, path)));
for (const path of missing) console.error(`missing: ${path}`);
if (missing.length > 0) process.exit(1);
console.log(`dist: ${readdirSync(join(dist, "cli")).length} modules`);
