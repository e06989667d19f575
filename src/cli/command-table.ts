import { bypassCommand } from "./bypass-command.ts";
import { type ExitCode, exitCodes, exitsOfWriting, meaning } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { liveOptions } from "./live-options.ts";
import { type Arguments, commonOptions, type Option, sharedOptions } from "./options.ts";
import { runCommand } from "./run-command.ts";
import { sendingOptions } from "./sending-options.ts";
import { switchWords } from "./switches.ts";
import { topCommand } from "./top-command.ts";

/** A command as help and documentation see it. What it does is loaded only when it is called. */
export interface Command {
  readonly name: string;
  /** Behind the name, in the help. */
  readonly operands: string;
  readonly summary: string;
  readonly about: readonly string[];
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** By rising code. */
  readonly exits: readonly ExitCode[];
  load(): Promise<(args: Arguments, io: Io) => Promise<number>>;
}

const switchNames = Object.values(switchWords).map(({ name, values }) => `${name}=${values.join("|")}`);

const switchOption: Option = {
  name: "switch",
  value: "NAME=VALUE",
  multiple: true,
  about: `Decide what the vendor's sources disagree on: ${switchNames.join(", ")}.`,
};

export const commands: readonly Command[] = [
  {
    name: "diagnose",
    operands: "PATH...",
    summary: "Find out from exported Azure JSON why a gateway answers 502.",
    about: [
      "PATH is a file, a folder (read with everything below it) or - for standard input. Documents are recognised by their content: exports of resources by az, REST or PowerShell, backend health, effective rules and routes, access logs, activity logs; also gzipped.",
    ],
    options: [
      ...commonOptions,
      {
        name: "gateway",
        short: "g",
        value: "NAME",
        about: "Diagnose this gateway only (name or resource id).",
      },
      switchOption,
      {
        name: "now",
        value: "TIME",
        about:
          "The moment of the question (ISO 8601): certificates expire and platforms retire. Default: now.",
      },
      ...liveOptions,
    ],
    examples: [
      "causeway diagnose exports/",
      "causeway diagnose exports/ --live --record observations.ndjson",
      "causeway diagnose gateway.json vnet.json nsg.json backend-health.json",
      "az network application-gateway show -g rg -n gw | causeway diagnose - --format json",
    ],
    exits: Object.values(exitCodes),
    load: async () => (await import("./commands/diagnose.ts")).diagnose,
  },
  {
    name: "probe",
    operands: "PATH...",
    summary: "Send every server the health probe that the gateway would send it.",
    about: [
      "PATH as for diagnose. Says first what the gateway would send to each server, then sends it from this machine, once, and tells what came back phase by phase, whether the gateway would take it for healthy, and which backend-health message it would show.",
      "With --watch it goes on: every server is probed again at the interval of its probe and goes up and down by the threshold of its probe, as in one instance of the gateway: it is down until its first success, down after as many failures in a row as the threshold says, up after one success. A line is written for each probe; with --quiet only where a server goes up or down, or minServers keeps it in service. With --format json each line is a JSON object. The exit code is 0 when all servers are up at the end.",
      "At most 16 probes run at once, 2 to one server: where many servers are silent, --watch comes to each of them later than at its interval. Ctrl-C ends it: what came back until then is printed, and the exit code is 130.",
    ],
    options: [
      {
        name: "format",
        short: "f",
        value: "FORMAT",
        values: ["text", "json"],
        about: "How to write it: text (default) or json.",
      },
      ...sharedOptions,
      { name: "route", value: "ROUTE", about: "Only the servers of this route: listener/rule[/path rule]." },
      { name: "server", value: "ADDRESS", about: "Only this server of a pool: its address or name." },
      ...sendingOptions,
      {
        name: "watch",
        short: "w",
        about: "Go on probing at the interval of each probe; show servers going up and down.",
      },
      { name: "for", value: "SECONDS", about: "With --watch: end after so long. Default: no end." },
      {
        name: "rounds",
        value: "N",
        about: "With --watch: end when every server was probed N times. Default: no end.",
      },
      {
        name: "gateway",
        short: "g",
        value: "NAME",
        about: "Probe for this gateway only (name or resource id).",
      },
      switchOption,
    ],
    examples: [
      "causeway probe exports/",
      "causeway probe gateway.json vnets.json --route shop/rule-shop/cart",
      "causeway probe gateway.json --server 10.20.2.4 --from-address 10.10.1.9",
      "causeway probe exports/ --watch --for 300 --quiet",
    ],
    exits: [
      meaning(exitCodes.fine, "every server is healthy; with --watch: all were up at the end"),
      meaning(exitCodes.found, "a server is not healthy, or none was asked"),
      meaning(exitCodes.usage, "the input or the usage is wrong; servers that could be read were probed"),
      meaning(exitCodes.failed, "Causeway itself failed"),
      exitCodes.interrupted,
    ],
    load: async () => (await import("./commands/probe.ts")).probe,
  },
  { ...bypassCommand, options: [...bypassCommand.options, switchOption] },
  { ...runCommand, options: [...runCommand.options, switchOption] },
  topCommand,
  {
    name: "convert",
    operands: "PATH...",
    summary: "Turn a gateway from Azure's notation into the short one, or back.",
    about: [
      "PATH as for diagnose. Writes each application gateway of the input in the other notation, without loss: an export becomes the short notation of docs/short-notation.md, which diagnose, probe and run read too; the short notation becomes the resource it stands for, written out as az prints it. Fields that have no shorter form keep Azure's names.",
      "Keys and passwords of certificates that the input holds are in the output as well.",
    ],
    options: [
      {
        name: "to",
        value: "NOTATION",
        values: ["azure", "short"],
        about: "Which notation to write. Default: the one that the input is not in.",
      },
      { name: "yaml", about: "Write the short notation as YAML, which is the default." },
      { name: "json", about: "Write the short notation as JSON. Azure's own is always JSON." },
      ...sharedOptions,
    ],
    examples: [
      "causeway convert gateway.json > gateway.yaml",
      "causeway convert gateway.yaml --output gateway.json",
      "az network application-gateway show -g rg -n gw | causeway convert - --json",
    ],
    exits: [
      meaning(exitCodes.fine, "everything was read and written in the other notation"),
      meaning(exitCodes.usage, "the input or the usage is wrong; gateways that could be read were converted"),
      meaning(exitCodes.failed, "Causeway itself failed"),
    ],
    load: async () => (await import("./commands/convert.ts")).convert,
  },
  {
    name: "explain",
    operands: "CAUSE | WORDS",
    summary: "Explain a cause, or find the causes that fit a message of Azure's.",
    about: [
      "With an id of the catalogue: what it is, how it is decided, what to export. With other words: the causes they fit.",
    ],
    options: [...commonOptions],
    examples: [
      "causeway explain nsg-backend-subnet-in",
      'causeway explain "Cannot connect to backend server. Check whether any NSG/UDR/Firewall is blocking access"',
    ],
    exits: exitsOfWriting,
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    name: "causes",
    operands: "[WORDS]",
    summary: "List the causes Causeway knows, all or those that fit the words.",
    about: ["By section of the catalogue, each with how it is decided."],
    options: [...commonOptions],
    examples: ["causeway causes", "causeway causes certificate"],
    exits: exitsOfWriting,
    load: async () => (await import("./commands/causes.ts")).listCauses,
  },
];
