import { parseArgs } from "node:util";
import { allRows } from "./experiments/rows.ts";

export const experiments = ["cpu", "latency", "stale", "reload", "idle", "drill"] as const;
export type Experiment = (typeof experiments)[number];

/** What one run of the bench is to do. */
export interface Options {
  readonly experiments: readonly Experiment[];
  readonly rows: readonly string[];
  /** Names of subjects; undefined = all. */
  readonly peers: readonly string[] | undefined;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly runs: number;
  readonly connections: number;
  readonly generator: "wrk" | "own" | undefined;
  readonly output: string | undefined;
}

export const usage = `node bench/gateway/run.ts [options]
  --experiments LIST  of ${experiments.join(", ")} (all)
  --rows LIST         of ${allRows.map(({ name }) => name).join(", ")} (all)
  --peers LIST        names or beginnings of names: nginx, haproxy, caddy, http-proxy-3, @fastify, undici, net, causeway (all)
  --seconds N         how long each cell is measured, 1 to 60 (4); other experiments take twice as long a cell
  --warm-up N         seconds before that, 1 to 30 (2)
  --runs N            of each cell of the table, 1 to 15 (3)
  --connections N     idle connections, 100 to 60000 (20000)
  --load wrk|own      who sends (wrk, when it is installed)
  --output FILE       results as JSON; the table goes to the output`;

/** Throws with a sentence when a word is wrong. */
export function readOptions(words: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...{ experiments: text, rows: text, peers: text, seconds: text, "warm-up": text, runs: text },
      ...{ connections: text, load: text, output: text, help: { type: "boolean" } },
    },
  });
  if (values.help === true) return "help";
  const { load } = values;
  if (load !== undefined && load !== "wrk" && load !== "own") throw new Error("--load is wrk or own");
  return {
    experiments: chosen("--experiments", values.experiments, experiments),
    rows: chosen(
      "--rows",
      values.rows,
      allRows.map(({ name }) => name),
    ),
    peers: values.peers?.split(",").map((name) => name.trim().toLowerCase()),
    seconds: whole("--seconds", values.seconds ?? "4", 1, 60),
    warmUpSeconds: whole("--warm-up", values["warm-up"] ?? "2", 1, 30),
    runs: whole("--runs", values.runs ?? "3", 1, 15),
    connections: whole("--connections", values.connections ?? "20000", 100, 60_000),
    generator: load,
    output: values.output,
  };
}

function chosen<Name extends string>(
  option: string,
  list: string | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (list === undefined) return all;
  return list.split(",").map((word) => {
    const name = all.find((one) => one === word.trim());
    if (name === undefined) throw new Error(`${option}: ${word.trim()} is none of ${all.join(", ")}`);
    return name;
  });
}

function whole(option: string, word: string, least: number, most: number): number {
  const value = Number(word);
  if (!/^\d+$/.test(word) || value < least || value > most) {
    throw new Error(`${option} is a whole number from ${least} to ${most}`);
  }
  return value;
}
