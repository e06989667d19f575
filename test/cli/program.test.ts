import { execFile, spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { folderWith } from "./run-cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "bin/causeway.js");
const run = promisify(execFile);

describe("the program as a process", () => {
  it("runs from the sources", async () => {
    const { stdout } = await run(process.execPath, [bin, "--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("names the place of a fault in malformed JSON", async () => {
    using folder = folderWith({ "broken.json": '{\n "a": 1,\n "b": [1,, 2]\n}' });
    const file = join(folder.path, "broken.json");
    await expect(run(process.execPath, [bin, "diagnose", file])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${file}:3:10: expected a value`),
    });
  });

  it("does not mind a reader that goes away", async () => {
    const child = spawn(process.execPath, [bin, "causes", "--format", "json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(errors).toBe("");
    expect(code).toBe(0);
  });

  it("leaves no half-written file behind when it is interrupted", async () => {
    using folder = folderWith({});
    const script = join(folder.path, "write.mjs");
    const target = join(folder.path, "report.txt");
    const source = join(root, "src/cli/replace-file.ts");
    writeFileSync(
      script,
      `import { readdirSync } from "node:fs";
import { replaceFile } from ${JSON.stringify(source)};
const done = replaceFile(${JSON.stringify(target)}, "x".repeat(1 << 26));
const begun = () => readdirSync(${JSON.stringify(folder.path)}).some((name) => name.endsWith(".unfinished"));
while (!begun()) await new Promise(setImmediate);
process.kill(process.pid, "SIGINT");
await done;`,
    );
    const child = spawn(process.execPath, [script], { stdio: "ignore" });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    expect(readdirSync(folder.path)).toEqual(["write.mjs"]);
  });
});

describe("what is generated", () => {
  it("the pages in docs/ are those the program would write", async () => {
    await expect(run(process.execPath, [join(root, "tools/docs.ts"), "--check"])).resolves.toBeDefined();
  });
});
