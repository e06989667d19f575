import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { listening, start } from "../../bench/gateway/measure/processes.ts";
import { freePort } from "../../bench/gateway/measure/workshop.ts";

/** Whether a process with this id runs; one that has ended and that nobody has asked after yet does not. */
function alive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const forever = "setInterval(() => {}, 1000)";
/** Ignores SIGTERM and has a child that does as well; prints the child's id. */
const stubborn = `process.on("SIGTERM", () => {});
  const code = 'process.on("SIGTERM", () => {}); console.log("up"); ${forever}';
  const child = require("node:child_process").spawn(process.execPath, ["-e", code]);
  child.stdout.once("data", () => console.log("child " + child.pid));
  ${forever}`;

async function childOf(output: () => string): Promise<number> {
  for (let round = 0; round < 400; round++) {
    const pid = /child (\d+)/.exec(output())?.[1];
    if (pid !== undefined) return Number(pid);
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error("no child");
}

describe.runIf(process.platform === "linux")("processes of the bench", () => {
  test("end with all below them, whether they want or not", async () => {
    const started = start({ program: process.execPath, args: ["-e", stubborn] });
    const child = await childOf(() => started.output());
    await started.end(50);
    expect(alive(started.pid)).toBe(false);
    await expect.poll(() => alive(child)).toBe(false);
    await started.end(50);
  });

  test("say what they printed when they do not listen", async () => {
    const started = start({ program: process.execPath, args: ["-e", "console.log('why')"] });
    await expect(listening(started, "127.0.0.1", await freePort())).rejects.toThrow(
      /nothing listens.*\nwhy/s,
    );
    await started.end(0);
  });

  test("and folders are gone when the bench is ended by a signal", async () => {
    const measure = new URL("../../bench/gateway/measure/", import.meta.url);
    const code = `import { openWorkshop } from ${JSON.stringify(fileURLToPath(new URL("workshop.ts", measure)))};
      import { start } from ${JSON.stringify(fileURLToPath(new URL("processes.ts", measure)))};
      const { folder } = openWorkshop();
      const { pid } = start({ program: process.execPath, args: ["-e", ${JSON.stringify(forever)}] });
      console.log(JSON.stringify({ folder, pid }));
      ${forever};`;
    const bench = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(bench.stdout, "data");
    const { folder, pid }: { folder: string; pid: number } = JSON.parse(String(line));
    expect(readdirSync(folder)).toContain("root.pem");
    bench.kill("SIGINT");
    const [exitCode] = await once(bench, "exit");
    expect(exitCode).toBe(130);
    await expect.poll(() => alive(pid)).toBe(false);
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });
});
