/**
 * `npm run demo`: the example of this repository served by `causeway run`, its servers and its network on loopback
 * addresses, until Ctrl-C. With `--once` every fault is shown, explained and fixed, and it ends with 0 when the gateway and
 * the diagnosis of the documents agree on all. With `--quick` everything takes a tenth of the time.
 */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { agrees, compareAll } from "./demo/compare.ts";
import { tableOf, toTry } from "./demo/words.ts";
import { demoWorld } from "./demo/world.ts";

const { values } = parseArgs({ options: { once: { type: "boolean" }, quick: { type: "boolean" } } });
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
process.exitCode = await demo();

async function demo(): Promise<number> {
  console.log("Starting the servers of contoso-shop, its network and causeway run …\n");
  await using world = await demoWorld({ quick: values.quick === true, usualPorts: values.once !== true });
  if (values.once === true) {
    const all = await compareAll(world);
    console.log(tableOf(all));
    return all.every(agrees) ? 0 : 1;
  }
  console.log(toTry(world));
  if (!stop.signal.aborted) await Promise.race([once(stop.signal, "abort"), world.gateway.ended()]);
  if (!stop.signal.aborted) console.log(`\ncauseway run has ended:\n${world.gateway.said}`);
  console.log("\nEnding; nothing is left behind.");
  return stop.signal.aborted ? 0 : 1;
}
