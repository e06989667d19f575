/**
 * Makes dist/, what the package ships: compiles the sources and looks at the result. Run by `npm run build` and before
 * `npm pack`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--declaration", "false"],
  {
    cwd: root,
    stdio: "inherit",
  },
);
const faults = [...missingFiles(), ...strayImports()];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`dist: ${scripts().length} modules`);

/** Everything package.json points at is there. */
function missingFiles(): string[] {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: string[] };
  const wanted = [...files, "dist/cli/run.js", "dist/cli/main.js"];
  return wanted.filter((path) => !existsSync(join(root, path))).map((path) => `missing: ${path}`);
}

/** No compiled module names a source file. */
function strayImports(): string[] {
  return scripts()
    .filter((path) => /(?:from|import\() ?"[^"]+\.ts"/.test(readFileSync(path, "utf8")))
    .map((path) => `names a .ts file: ${path}`);
}

function scripts(): string[] {
  return readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .map((path) => join(dist, path));
}
