import { main } from "./main.ts";
import { processIo } from "./process-io.ts";
import { workerWord } from "./worker-word.ts";

/**
 * The program: runs the call of this process and ends with its exit code. All output has been handed over by then; what
 * may still be under way, such as a question to this machine's resolver, which nothing can stop, is not waited for.
 */
export async function run(): Promise<void> {
  if (process.argv[2] === workerWord && process.connected)
    return (await import("./run-worker.ts")).runWorker();
  process.exit(await main(process.argv.slice(2), processIo()));
}
