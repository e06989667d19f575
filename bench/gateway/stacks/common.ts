import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What a stack is started with, as a file whose path is the first word. */
export interface StackPlan {
  readonly port: number;
  readonly workers: number;
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  /** Certificate and key towards clients; undefined = plain. */
  readonly front: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Root and name of the servers; undefined = plain. */
  readonly back: { readonly rootFile: string; readonly name: string } | undefined;
  /** Where a log goes, for those that have one. */
  readonly logFile: string;
  /** Whether one that has none of its own is to keep one. */
  readonly logs: boolean;
  /** A folder with the packages. */
  readonly packages: string;
  /** Time-out for servers in milliseconds; undefined = none to speak of. */
  readonly serverTimeoutMs: number | undefined;
}

/** Long enough for every experiment. */
export const keepAliveMs = 3_600_000;

/** Runs it in as many processes as wanted; a single one has no primary beside it. */
export function serve(begin: (plan: StackPlan) => unknown): void {
  const plan: StackPlan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  if (plan.workers > 1 && cluster.isPrimary) {
    for (let worker = 0; worker < plan.workers; worker++) cluster.fork();
    return;
  }
  begin(plan);
}

/** Where pino writes its rows, in batches. */
export function logDestination(plan: StackPlan): unknown {
  const { destination } = packageOf(plan, "pino") as {
    destination(options: Readonly<Record<string, unknown>>): unknown;
  };
  return destination({ dest: plan.logFile, sync: false, minLength: 65_536, maxWrite: 131_072 });
}

/** A package of the folder; its types are not there, so the caller says what of it is used. */
export function packageOf({ packages }: StackPlan, name: string): unknown {
  return createRequire(join(packages, "package.json"))(name);
}

export function frontTls({ front }: StackPlan): { readonly cert: string; readonly key: string } | undefined {
  return front === undefined
    ? undefined
    : { cert: readFileSync(front.certificateFile, "utf8"), key: readFileSync(front.keyFile, "utf8") };
}

export function backTls({
  back,
}: StackPlan): { readonly ca: string; readonly servername: string } | undefined {
  return back === undefined ? undefined : { ca: readFileSync(back.rootFile, "utf8"), servername: back.name };
}

/** One after another, for ever. */
export function inTurn<Item>(items: readonly Item[]): () => Item {
  let at = 0;
  return () => {
    const item = items[at++ % items.length];
    if (item === undefined) throw new Error("there are none");
    return item;
  };
}
