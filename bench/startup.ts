/**
 * How long a whole run takes from process start to exit: median, fastest and slowest of N runs (default 15).
 *   node bench/startup.ts [--runs N] [--bin FILE] [ARGUMENTS...]
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { runs: { type: "string" }, bin: { type: "string" } },
});
const runs = Number(values.runs ?? 15);
const bin =
  typeof values.bin === "string" ? values.bin : fileURLToPath(new URL("../bin/causeway.js", import.meta.url));
const calls =
  positionals.length > 0
    ? [positionals]
    : [["--version"], ["causes"], ["explain", "pool-empty"], ["diagnose", "examples/contoso-shop"]];

for (const words of calls) {
  const times: number[] = [];
  // The first run fills the compile cache and is not counted.
  for (let i = 0; i <= runs; i++) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, [bin, ...words], { stdio: "ignore" });
    if (status === 3) throw new Error(`${words.join(" ")} failed`);
    if (i > 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(0)} ms`;
  console.log(
    `${words.join(" ").padEnd(34)} median ${ms(times[times.length >> 1])}, ${ms(times[0])} to ${ms(times.at(-1))}`,
  );
}
