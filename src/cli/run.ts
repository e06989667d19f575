import { main } from "./main.ts";
import { processIo } from "./process-io.ts";

/** The program: runs the call of this process and sets its exit code. Output still in a pipe is not cut off. */
export async function run(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), processIo());
}
