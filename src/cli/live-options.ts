import type { ExperimentBudget } from "../probe/experiment/engine.ts";
import { type ArrivingRequest, arrivingAt } from "../routing/request-route.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments, Option } from "./options.ts";
import { type Sending, sendingFrom, sendingOptions } from "./sending-options.ts";

const defaultCount = 60;
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
    name: "experiments",
    value: "WHICH",
    values: ["off", "safe", "all"],
    about:
      "safe (default): only GET, HEAD and OPTIONS, to the paths of probes and of the requests that are replayed. all: also other paths, idle connections, slow requests. off: none.",
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
  readonly given: readonly ArrivingRequest[];
  readonly budget: ExperimentBudget;
  readonly record: string | undefined;
}

/** Reads `liveOptions`; undefined without `--live`. Throws `UsageError`. */
export function liveCallFrom(args: Arguments): LiveCall | undefined {
  if (!args.flag("live")) {
    const idle = liveOptions.find(({ name }) => args.list(name).length > 0 || args.text(name) !== undefined);
    if (idle !== undefined) throw new UsageError(`--${idle.name} is for --live, which was not given`);
    return undefined;
  }
  return {
    ...sendingFrom(args),
    given: args.list("url").map(requestFrom),
    budget: {
      mode: modeFrom(args.text("experiments")),
      count: wholeNumber(args, "experiment-limit", defaultCount),
      durationMs: wholeNumber(args, "experiment-time", defaultSeconds) * 1000,
    },
    record: args.text("record"),
  };
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

const schemes = ["http", "https", "ws", "wss"] as const;

/** A URL as the request of a client: GET. */
function requestFrom(text: string): ArrivingRequest {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = schemes.find((one) => url?.protocol === `${one}:`);
  if (url === undefined || scheme === undefined) {
    throw new UsageError(`--url takes a URL like https://shop.contoso.com/cart, not "${text}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("--url takes a URL without user and password");
  }
  return arrivingAt({ scheme, host: url.host, path: url.pathname + url.search, method: "GET" });
}
