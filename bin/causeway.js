#!/usr/bin/env node
// Written so that any Node that knows ES modules can read it: an old one must be told what it lacks, not fail on syntax.
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `causeway needs Node 22.19 or newer; this is ${process.versions.node}. ` +
      "Inside a clone, npm ci brings a Node of its own: use npx causeway there.",
  );
  process.exit(2);
}
const root = new URL("..", import.meta.url);
const sources = existsSync(new URL("src/cli/run.ts", root));
// Compiled code is kept between runs; where it cannot be written, starting is only slower.
nodeModule.enableCompileCache?.();
const own = new URL(sources ? "src/" : "dist/", root).href;
// Our own modules name each other by file: looking for packages and links around each of them is a tenth of a short run.
// Those of packages may leave the ending out, and are looked for as ever.
nodeModule.registerHooks?.({
  resolve(specifier, context, next) {
    if (!specifier.startsWith(".") || !context.parentURL?.startsWith(own)) return next(specifier, context);
    const format = specifier.endsWith(".ts") ? "module-typescript" : "module";
    return { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true };
  },
});
// A clone runs its sources as they are; the package has none.
const compiled = new URL("dist/cli/run.js", root).href;
const { run } = await (sources ? import("../src/cli/run.ts") : import(compiled));
await run();
