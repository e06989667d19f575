import type { Command } from "./command-table.ts";
import { exitCodes, meaning } from "./exit-codes.ts";
import { sharedOptions } from "./options.ts";

const taken = ["no-color", "ascii", "help"];

/** `causeway top`. */
export const topCommand: Command = {
  name: "top",
  operands: "[PLACE]",
  summary: "Watch a gateway that runs: routes, servers, rates, latencies, causes.",
  about: [
    "PLACE is what the gateway was given with --admin: [ADDRESS:]PORT or unix:PATH. Default: 127.0.0.1:9090. Rates and latencies are over the last ten seconds; a latency is at most a fifth too high. Each cause has the id of the last request that failed for it, which /explain/ID on the admin port explains; where the screen is too narrow for all of an id, its first digits will do, 8 or more.",
    "Keys: q or Ctrl-C ends it. s sorts by rate, errors, p99 or as configured. / shows only routes, servers and failures with a text in their names. p pauses. The arrow keys choose a server, d drains it and e puts it back, both after a y. Esc shows everything again.",
    "While the gateway does not answer, what was seen last stays, and it is said since when. Where standard input or output is no terminal, it does as with --once.",
  ],
  options: [
    {
      name: "format",
      short: "f",
      value: "FORMAT",
      values: ["text", "json"],
      about: "How to write it: text (default), or json, which is written once.",
    },
    { name: "once", about: "Look for one interval, print one page, end; 1 when something is seen failing." },
    { name: "interval", value: "SECONDS", about: "How often to look: 1 (default) to 60." },
    ...sharedOptions.filter(({ name }) => taken.includes(name)),
  ],
  examples: [
    "causeway top",
    "causeway top unix:/run/causeway.sock",
    "causeway top 127.0.0.1:9090 --once --format json",
  ],
  exits: [
    meaning(exitCodes.fine, "it was told to end; where it looks once: nothing is seen failing"),
    meaning(exitCodes.found, "where it looks once: a server or requests are seen failing"),
    meaning(exitCodes.usage, "the usage is wrong, or no gateway answers at PLACE"),
    meaning(exitCodes.failed, "Causeway itself failed"),
  ],
  load: async () => (await import("./commands/top.ts")).top,
};
