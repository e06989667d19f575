import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { printed, start } from "./processes.ts";

/** What a load generator has to say, whichever it was. */
export interface LoadFigures {
  readonly requests: number;
  readonly seconds: number;
  /** Statuses of 400 and above. */
  readonly failed: number;
  /** Connections that could not be made, broke or were silent. */
  readonly socketErrors: number;
  readonly p99Ms: number;
}

export interface WrkPlan {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly method: "GET" | "POST";
  readonly bodyBytes: number;
  /** Asked for in turn; empty = the one of the URL. */
  readonly targets: readonly Target[];
  readonly cpus: string | undefined;
  readonly folder: string;
}

export interface Target {
  readonly host: string;
  readonly path: string;
}

export const wrkVersion = (): string | undefined => /wrk \S+/.exec(printed("wrk", "--version") ?? "")?.[0];

export async function runWrk(plan: WrkPlan): Promise<LoadFigures> {
  const script = join(plan.folder, "wrk.lua");
  writeFileSync(script, luaScript(plan));
  const { connections, seconds, url } = plan;
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "10s",
    "--latency",
    "-s",
    script,
    url,
  ];
  const run = start({ program: "wrk", args, cpus: plan.cpus });
  const code = await run.ended;
  await run.end(0);
  const figures = readWrk(run.output());
  if (code !== 0 || figures === undefined) throw new Error(`wrk ended with ${code}\n${run.output()}`);
  return figures;
}

/** Requests are made once and repeated: what wrk costs is not to depend on the row. */
export function luaScript({
  method,
  bodyBytes,
  targets,
}: Pick<WrkPlan, "method" | "bodyBytes" | "targets">): string {
  const lines = [`wrk.method = "${method}"`];
  if (bodyBytes > 0) lines.push(`wrk.body = string.rep("x", ${bodyBytes})`);
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) lines.push(`wrk.headers["Host"] = "${only.host}"`);
  if (targets.length <= 1) return lines.join("\n");
  const made = targets.map(({ host, path }) => `  wrk.format(nil, "${path}", { Host = "${host}" }),`);
  lines.push("local made, at = {}, 0", "init = function()", "  made = {", ...made, "  }", "end");
  lines.push("request = function()", "  at = at % #made + 1", "  return made[at]", "end");
  return lines.join("\n");
}

const unitsMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** The figures from what wrk prints; undefined = it is not that. */
export function readWrk(text: string): LoadFigures | undefined {
  const total = /(\d+) requests in ([\d.]+)(ms|s|m),/.exec(text);
  if (total === null) return undefined;
  const p99 = /^\s*99%\s+([\d.]+)(us|ms|s|m)$/m.exec(text);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const timeMs = (found: RegExpExecArray | null, at: number) =>
    Number(found?.[at] ?? 0) * (unitsMs[found?.[at + 1] ?? "ms"] ?? 1);
  return {
    requests: Number(total[1]),
    seconds: timeMs(total, 2) / 1000,
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
    socketErrors: errors === null ? 0 : errors.slice(1).reduce((sum, count) => sum + Number(count), 0),
    p99Ms: timeMs(p99, 1),
  };
}
