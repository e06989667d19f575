import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  busyTicks,
  cpuSeconds,
  memoryKib,
  readStat,
  treeOf,
} from "../../bench/gateway/measure/process-tree.ts";

const stat = (pid: number, parent: number, ticks: readonly number[]) =>
  `${pid} (a name) S ${parent} ${pid} ${pid} 0 -1 4194304 1 2 3 4 ${ticks.join(" ")} 20 0 1 0 5 6 7`;

describe("a stat line", () => {
  test("gives own time and that of children that ended", () => {
    expect(readStat(stat(7, 1, [10, 20, 3, 4]))).toEqual({ pid: 7, parent: 1, ownTicks: 30, childTicks: 7 });
  });

  test("may hold a name with spaces and brackets", () => {
    const line = stat(8, 2, [1, 2, 0, 0]).replace("(a name)", "(x) R 99 (y z)");
    expect(readStat(line)).toMatchObject({ pid: 8, parent: 2, ownTicks: 3 });
  });

  test.each(["", "12", "12 (gone", "12 (gone) S"])("that is cut short is none: %j", (line) => {
    expect(readStat(line)).toBeUndefined();
  });
});

test("busy is what is neither idle nor waiting nor the host's", () => {
  expect(busyTicks("cpu  10 20 30 1000 2000 1 2 4000 0 0\ncpu0 9 9 9 9\n")).toBe(63);
});

test("the tree is the process and all below it", () => {
  const all = [
    [1, 0],
    [5, 1],
    [3, 5],
    [9, 3],
    [4, 1],
  ].map(([pid = 0, parent = 0]) => ({ pid, parent, ownTicks: 0, childTicks: 0 }));
  expect(treeOf(5, all).map(({ pid }) => pid)).toEqual([5, 3, 9]);
  expect(treeOf(77, all)).toEqual([]);
});

describe.runIf(process.platform === "linux")("a real tree", () => {
  /** Works for about this long in itself, and as long in a child that it waits for. */
  const work = `const spin = () => { const c = process.cpuUsage(); while (process.cpuUsage(c).user < 150_000); };
    spin();
    require("node:child_process").execFileSync(process.execPath, ["-e", "(" + spin + ")()"]);
    process.stdout.write("done");
    setInterval(() => {}, 1000);`;

  test("counts what a process and its children worked", async () => {
    const child = spawn(process.execPath, ["-e", work], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      const pid = child.pid ?? 0;
      // Two times 0.15 s, less the steps that the system counts in.
      expect(cpuSeconds(pid)).toBeGreaterThan(0.26);
      expect(memoryKib(pid)).toBeGreaterThan(1024);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(() => cpuSeconds(child.pid ?? 0)).toThrow("has ended");
  });
});
