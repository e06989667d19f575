import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadPlan } from "../load/load.ts";
import type { LoadResult } from "../load/tally.ts";
import { start } from "../measure/processes.ts";
import { freePort, type Workshop } from "../measure/workshop.ts";
import type { RunningSubject, Scene, Site, Subject } from "../subjects/subject.ts";

/** What all experiments are given. */
export interface Bench {
  readonly shop: Workshop;
  readonly subjects: readonly Subject[];
  /** Says what goes on. */
  say(line: string): void;
  /** Takes down that something could not be measured, and why. */
  missed(what: string): void;
}

/** One that cannot be started, or breaks down, costs its own figures and not those of the others. */
export async function attempt<Result>(
  { missed }: Bench,
  what: string,
  measure: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await measure();
  } catch (fault) {
    missed(`${what}: ${fault instanceof Error ? fault.message : String(fault)}`);
    return undefined;
  }
}

/** One subject with one scene for as long as `use` takes; then its process, its folder and its log are gone. */
export async function withSubject<Result>(
  { shop }: Bench,
  subject: Subject,
  scene: Scene,
  use: (running: RunningSubject, site: Site) => Promise<Result>,
): Promise<Result> {
  const site: Site = {
    shop,
    folder: join(shop.folder, "subject"),
    port: await freePort(),
    cpus: shop.subjectCpus(scene.workers),
  };
  const running = await subject.start(scene, site);
  try {
    return await use(running, site);
  } finally {
    await running.process.end();
    if (existsSync(site.folder)) rmSync(site.folder, { recursive: true });
  }
}

const loadProgram = fileURLToPath(new URL("../load/main.ts", import.meta.url));

/** The load generator in a process of its own, beside the subject. */
export async function load(plan: LoadPlan, cpus: string | undefined): Promise<LoadResult> {
  const run = start({ program: process.execPath, args: [loadProgram, JSON.stringify(plan)], cpus });
  const limit = setTimeout(() => void run.end(0), plan.durationMs + plan.timeoutMs + 10_000);
  const code = await run.ended;
  clearTimeout(limit);
  await run.end(0);
  if (code !== 0) throw new Error(`the load generator ended with ${code}\n${run.output()}`);
  return JSON.parse(run.output());
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
