import { defaultSwitches, type Switches } from "../health/switches.ts";
import { UsageError } from "./exit-codes.ts";
import { suggestion } from "./suggestion.ts";

/** How a switch is written on the command line, and what it decides. */
interface SwitchWord<Key extends keyof Switches> {
  readonly name: string;
  readonly values: readonly Switches[Key][];
  readonly about: string;
}

/** Every place where the vendor's sources disagree; the first value is the default. */
export const switchWords: { readonly [Key in keyof Switches]: SwitchWord<Key> } = {
  defaultProbeHost: {
    name: "default-probe-host",
    values: ["setting", "127.0.0.1"],
    about: "Host of the default probe when the backend setting names a host: the setting's, or 127.0.0.1.",
  },
  liveSniWithoutHost: {
    name: "live-sni-without-host",
    values: ["client", "member"],
    about:
      "Server name (SNI) of requests on v2 when the setting names no host and the server is a name: the client's Host, or the server's name.",
  },
  pathCase: {
    name: "path-case",
    values: ["insensitive", "sensitive"],
    about: "Whether path rules tell upper from lower case.",
  },
  pathSegments: {
    name: "path-segments",
    values: ["resolved", "as-sent"],
    about: "Whether path rules see /a/../b and //b as /b, as servers do, or as they were sent.",
  },
  missingDefaultStatus: {
    name: "missing-default-status",
    values: ["404", "502"],
    about: "What clients get from a path map that has no default target.",
  },
  seeOtherStatus: {
    name: "see-other-status",
    values: ["303", "302"],
    about: "What redirects of the type SeeOther answer.",
  },
  redirectUrlPath: {
    name: "redirect-url-path",
    values: ["kept", "dropped"],
    about: "Whether a redirect to a URL carries the path of the request over when it is told to.",
  },
  rewrittenHost: {
    name: "rewritten-host",
    values: ["setting", "rewrite"],
    about: "Host of requests when both the backend setting and a rewrite rule set it.",
  },
  originalUrlHeader: {
    name: "original-url-header",
    values: ["sent", "left-out"],
    about: "Whether servers get X-Original-URL.",
  },
};

/** Reads `NAME=VALUE` words into switches. */
export function switchesFrom(words: readonly string[]): Switches {
  const all = Object.entries(switchWords) as [keyof Switches, SwitchWord<keyof Switches>][];
  let switches = defaultSwitches;
  for (const word of words) {
    const [name = "", value] = word.split(/=(.*)/s);
    const entry = all.find(([, known]) => known.name === name);
    if (entry === undefined) {
      const names = all.map(([, known]) => known.name);
      throw new UsageError(
        `--switch knows ${names.join(", ")}, not "${name}"${suggestion(name, names, (near) => `; did you mean ${near}?`)}`,
      );
    }
    const [key, { values }] = entry;
    if (!(values as readonly string[]).includes(value ?? "")) {
      throw new UsageError(`--switch ${name} takes ${values.join(" or ")}: --switch ${name}=${values[0]}`);
    }
    switches = { ...switches, [key]: value };
  }
  return switches;
}
