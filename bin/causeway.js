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
// Compiled code is kept between runs; a read-only home only makes it slower.
nodeModule.enableCompileCache?.();
const root = new URL("..", import.meta.url);
const sources = new URL("src/cli/run.ts", root);
// A clone runs its sources as they are; the package has no sources.
const { run } = await import((existsSync(sources) ? sources : new URL("dist/cli/run.js", root)).href);
await run();
