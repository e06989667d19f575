/**
 * What Causeway costs beside other gateways and proxies, and how it behaves beside them when servers fail: one command, one
 * run, one machine. Debian's programs come with `tools/install-peers.sh bench`; packages of npm go into a temporary folder.
 * Everything listens on loopback and is ended with this process, also by Ctrl-C.
 */
import { writeFileSync } from "node:fs";
import type { Bench } from "./experiments/bench.ts";
import { type CpuRow, measureRow } from "./experiments/cpu.ts";
import { failureDrill } from "./experiments/drill.ts";
import { idleConnections } from "./experiments/idle.ts";
import { latencyAtHalfLoad } from "./experiments/latency.ts";
import { reloadUnderLoad } from "./experiments/reload.ts";
import { allRows } from "./experiments/rows.ts";
import { staleKeepAlive } from "./experiments/stale.ts";
import { describeMachine, watchOthers } from "./measure/machine.ts";
import { printed } from "./measure/processes.ts";
import { openWorkshop } from "./measure/workshop.ts";
import { wrkVersion } from "./measure/wrk.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { markdown, type Results } from "./report.ts";
import { caddy } from "./subjects/caddy.ts";
import { causeway, causewayWithoutLog } from "./subjects/causeway.ts";
import { haproxy } from "./subjects/haproxy.ts";
import { nginx } from "./subjects/nginx.ts";
import { nodeStacks } from "./subjects/node-stacks.ts";
import { installPackages } from "./subjects/packages.ts";
import type { Subject } from "./subjects/subject.ts";

process.exit(await main(process.argv.slice(2)));

async function main(words: readonly string[]): Promise<number> {
  let options: Options | "help";
  try {
    options = readOptions(words);
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${usage}`);
    return 2;
  }
  if (options === "help") {
    console.log(usage);
    return 0;
  }
  if (process.platform !== "linux") {
    console.error("The bench reads /proc, which only Linux has.");
    return 2;
  }
  if (printed("nginx", "-v") === undefined) {
    console.error("nginx stands behind all subjects and is not installed: tools/install-peers.sh bench");
    return 2;
  }
  const results = await measure(options);
  console.log(markdown(results));
  if (options.output !== undefined)
    writeFileSync(options.output, `${JSON.stringify(results, undefined, 2)}\n`);
  return 0;
}

async function measure(options: Options): Promise<Results> {
  const machine = describeMachine();
  const othersShare = watchOthers();
  const shop = openWorkshop();
  const { subjects, missing } = await subjectsFor(options, shop.folder);
  const say = (line: string) => console.error(line);
  const missed = (what: string) => {
    say(`not measured: ${what}`);
    missing.push(what.split("\n")[0] ?? what);
  };
  const bench: Bench = { shop, subjects, say, missed };
  const gateways: Bench = { ...bench, subjects: subjects.filter(({ tableOnly }) => !tableOnly) };
  const wrk = wrkVersion();
  const generator = options.generator ?? (wrk === undefined ? "own" : "wrk");
  const { seconds } = options;
  const wants = (experiment: Options["experiments"][number]) => options.experiments.includes(experiment);
  const cpu: CpuRow[] = [];
  for (const row of allRows) {
    if (!wants("cpu") || !options.rows.includes(row.name)) continue;
    cpu.push(await measureRow(bench, row, { ...options, generator }));
  }
  const measured = {
    machine,
    subjects: subjects.map(({ name, note, version }) => ({ name, note, version: version() ?? "" })),
    missing,
    generator: generator === "wrk" ? (wrk ?? "wrk") : "own generator",
    seconds,
    runs: options.runs,
    cpu,
    latency: wants("latency") ? await latencyAtHalfLoad(gateways, seconds) : [],
    stale: wants("stale") ? await staleKeepAlive(gateways, seconds * 2) : [],
    reload: wants("reload") ? await reloadUnderLoad(gateways, seconds * 2) : [],
    idle: wants("idle") ? await idleConnections(gateways, options.connections) : [],
    drill: wants("drill") ? await failureDrill(gateways, seconds * 2) : [],
  };
  return { ...measured, othersShare: othersShare() };
}

/** Those that are wanted and installed. */
async function subjectsFor(
  { peers }: Options,
  folder: string,
): Promise<{ readonly subjects: readonly Subject[]; readonly missing: string[] }> {
  const stacksOfNode = nodeStacks(folder);
  const gateways = [nginx, causeway, causewayWithoutLog, haproxy, caddy];
  const names = [...gateways, ...stacksOfNode].map(({ name }) => name.toLowerCase());
  // A whole name means that one, even where another begins with it.
  const means = (peer: string, name: string) =>
    names.includes(peer) ? name === peer : name.startsWith(peer);
  const wanted = ({ name }: Subject) =>
    peers === undefined || peers.some((peer) => means(peer, name.toLowerCase()));
  const stacks = stacksOfNode.filter(wanted);
  const fault = stacks.some(({ version }) => version() === undefined)
    ? await installPackages(folder)
    : undefined;
  const all = [...gateways.filter(wanted), ...stacks];
  const missing = all.filter(({ version }) => version() === undefined).map(({ name }) => name);
  return {
    subjects: all.filter(({ name }) => !missing.includes(name)),
    missing: fault === undefined ? missing : [...missing, fault],
  };
}
