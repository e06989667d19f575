import { availableParallelism } from "node:os";
import type { AdminPlace } from "../gateway/admin/admin-server.ts";
import { parseErrorPage } from "../gateway/config/error-pages.ts";
import {
  type Fault,
  parseBackends,
  parseCertificate,
  parseListen,
  parseResolve,
} from "../gateway/config/options.ts";
import type { PrepareOptions } from "../gateway/config/prepare.ts";
import type { WishedLimits } from "../gateway/limits/of-this-machine.ts";
import type { Switches } from "../health/switches.ts";
import { adminPlaceFrom } from "./admin-place.ts";
import { dnsAddressFrom } from "./dns-address.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments } from "./options.ts";
import { limitsFrom } from "./run-limits.ts";
import { switchesFrom } from "./switches.ts";

/** What one call of `causeway run` says. */
export interface RunCall {
  readonly prepare: PrepareOptions;
  readonly switches: Switches;
  /** `-` = standard output; undefined = none. */
  readonly accessLog: string | undefined;
  readonly azurePages: boolean;
  readonly explainHeader: boolean;
  readonly drainMs: number;
  /** The files are read again when they change. */
  readonly watch: boolean;
  readonly limits: WishedLimits;
  /** How many processes serve; 1 = this one alone. */
  readonly workers: number;
  /** Undefined = there is no admin port. */
  readonly admin: AdminPlace | undefined;
}

/** Reads the options of `causeway run`; throws `UsageError`. */
export function runCallFrom(args: Arguments): RunCall {
  const switches = switchesFrom(args.list("switch"));
  const log = args.text("access-log") ?? "-";
  return {
    prepare: {
      listen: args.list("listen").map((text) => read("listen", parseListen(text))),
      backends: read("backend", parseBackends(args.list("backend"))),
      resolve: args.list("resolve").map((text) => read("resolve", parseResolve(text))),
      dnsServers: args.list("dns").map((text) => dnsAddressFrom(text)),
      certificates: args.list("certificate").map((text) => read("certificate", parseCertificate(text))),
      authorities: args.list("ca"),
      errorPages: args.list("error-page").map((text) => read("error-page", parseErrorPage(text))),
      selfSigned: args.flag("self-signed"),
      switches,
    },
    switches,
    accessLog: log === "off" ? undefined : log,
    azurePages: args.flag("azure-pages"),
    explainHeader: args.flag("explain-header"),
    watch: args.flag("watch"),
    limits: limitsFrom(args),
    workers: workersFrom(args.text("workers")),
    drainMs: secondsFrom(args.text("drain")) * 1000,
    admin: adminFrom(args.text("admin") ?? "off"),
  };
}

function read<T extends object>(option: string, value: T | Fault): T {
  if ("fault" in value) throw new UsageError(`--${option}: ${value.fault}`);
  return value;
}

function secondsFrom(text = "30"): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UsageError(`--drain takes whole seconds, not "${text}"`);
}

const mostWorkers = 256;

function workersFrom(text = "1"): number {
  if (text === "auto") return availableParallelism();
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= mostWorkers) return count;
  throw new UsageError(`--workers takes auto or a number from 1 to ${mostWorkers}, not "${text}"`);
}

/** Whoever reaches the admin port may take servers out: it is opened for this machine alone. */
function adminFrom(text: string): AdminPlace | undefined {
  if (text === "off") return undefined;
  const place = adminPlaceFrom(text);
  if (place !== undefined) return place;
  throw new UsageError(
    `--admin takes a port of this machine, such as 127.0.0.1:9090 or [::1]:9090, unix:PATH or off, not "${text}"`,
  );
}
