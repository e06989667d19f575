import type { ExperimentBudget } from "../probe/experiment/engine.ts";
import { type AskedUrl, clientFieldsFrom, clientRequestFrom } from "./client-request.ts";
import { addressAndPort, type DnsAddress } from "./dns-address.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments, Option } from "./options.ts";
import { type Sending, sendingFrom, sendingOptions } from "./sending-options.ts";

const defaultCount = 100;
const defaultSeconds = 120;

/** The options of `diagnose` that send. */
export const liveOptions: readonly Option[] = [
  {
    name: "live",
    about:
      "Ask the servers too: send every probe and a request of every route as the gateway would, from this machine, and experiment until the causes can be told apart.",
  },
  ...sendingOptions,
  {
    name: "url",
    value: "URL",
    multiple: true,
    about: "Replay this request of a client; routes that none takes get one that is made up.",
  },
  {
    name: "header",
    short: "H",
    value: "NAME: VALUE",
    multiple: true,
    about: "A header of the requests of --url. Its value is shown and written nowhere.",
  },
  {
    name: "via",
    value: "ADDRESS[:PORT]",
    about:
      "With --url: the gateway itself is reached here, whatever the host of the URL leads to. What it answers is compared with what its servers answer.",
  },
  {
    name: "experiments",
    value: "WHICH",
    values: ["off", "safe", "all"],
    about:
      "safe (default): only GET, HEAD and OPTIONS, to the paths of probes and of the requests that are replayed. all: also other paths and ports, HTTP/2, connections left idle. off: none.",
  },
  {
    name: "experiment-limit",
    value: "N",
    about: `At most so many experiments a gateway. Default: ${defaultCount}.`,
  },
  {
    name: "experiment-time",
    value: "SECONDS",
    about: `At most so long a gateway. Default: ${defaultSeconds}.`,
  },
  {
    name: "record",
    value: "FILE",
    about:
      "Write what came back to FILE (NDJSON), without bodies and secrets: given as PATH, it leads to the same diagnosis anywhere.",
  },
];

export interface LiveCall extends Sending {
  readonly given: readonly AskedUrl[];
  /** By lower-case name; sent with the given requests. */
  readonly clientFields: ReadonlyMap<string, string>;
  readonly via: DnsAddress | undefined;
  readonly budget: ExperimentBudget;
  readonly record: string | undefined;
}

/** Reads `liveOptions`; undefined without `--live`. Throws `UsageError`. */
export function liveCallFrom(args: Arguments): LiveCall | undefined {
  if (!args.flag("live")) {
    const idle = liveOptions.find(({ name }) => isGiven(args, name));
    if (idle !== undefined) throw new UsageError(`--${idle.name} is for --live, which was not given`);
    return undefined;
  }
  const idle = args.list("url").length > 0 ? undefined : ofUrls.find((name) => isGiven(args, name));
  if (idle !== undefined) throw new UsageError(`--${idle} is for the requests of --url, which was not given`);
  return {
    ...sendingFrom(args),
    given: args.list("url").map((text) => clientRequestFrom(text, "GET")),
    clientFields: clientFieldsFrom(args.list("header")),
    via: viaFrom(args.text("via")),
    budget: {
      mode: modeFrom(args.text("experiments")),
      count: wholeNumber(args, "experiment-limit", defaultCount),
      durationMs: wholeNumber(args, "experiment-time", defaultSeconds) * 1000,
    },
    record: args.text("record"),
  };
}

/** Options that say how the requests of `--url` are sent. */
const ofUrls = ["header", "via"] as const;

function isGiven(args: Arguments, name: string): boolean {
  return args.list(name).length > 0 || args.text(name) !== undefined;
}

function modeFrom(text: string | undefined): ExperimentBudget["mode"] {
  return text === "off" || text === "all" ? text : "safe";
}

function wholeNumber(args: Arguments, name: string, otherwise: number): number {
  const text = args.text(name);
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (/^\d{1,6}$/.test(text)) return number;
  throw new UsageError(`--${name} takes a whole number, not "${text}"`);
}

/** The port is that of the URL unless it is written. */
function viaFrom(text: string | undefined): DnsAddress | undefined {
  if (text === undefined) return undefined;
  const via = addressAndPort(text, 0);
  if (via !== undefined) return via;
  throw new UsageError(`--via takes an address like 10.0.0.9 or 10.0.0.9:8443, not "${text}"`);
}
