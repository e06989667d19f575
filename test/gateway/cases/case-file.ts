import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** What a server does with the next request of a connection; the last of a list stands for all that follow. */
export type ServerStep =
  /** These bytes once the head, or with `after: body` the whole request, has come. */
  | { readonly answer: string; readonly after?: "head" | "body"; readonly then?: "close" | "reset" }
  /** Nothing is said. */
  | "silent"
  /** Its connection ends, in order or not, when a request has come. */
  | "close"
  | "reset"
  /** … as soon as it has been accepted. */
  | "close-at-once"
  | "reset-at-once";

/** What a client does, one after the other. */
export type ClientStep =
  /** So many times, without a number once. */
  | { readonly send: string; readonly times?: number }
  /** Until so much text has come. */
  | { readonly until: string }
  /** Its side of the connection ends, in order or not. */
  | "end"
  | "reset";

/** Text that must be there; with `not`, must not. */
export interface Expected {
  readonly starts?: string;
  readonly has?: readonly string[];
  readonly not?: readonly string[];
  readonly body?: string;
}

/** One case: a configuration, what servers do, what a client does, and what is seen where. */
export interface GatewayCase {
  readonly name: string;
  /** In the short notation (docs/short-notation.md). */
  readonly gateway: Readonly<Record<string, unknown>>;
  /** By address of the member; a member that is not named refuses connections. */
  readonly servers?: Readonly<Record<string, readonly ServerStep[]>>;
  /** Members that their probes keep out, by the cause. */
  readonly unhealthy?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly client: readonly ClientStep[];
  /** What the client got in all. */
  readonly gets: Expected;
  /** What each connection of a server got, in order. Servers that are not named got nothing. */
  readonly sees?: Readonly<Record<string, readonly Expected[]>>;
  /** Of each row of the access log, in order, the fields to be held; those of `causeway` in place. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

const folder = fileURLToPath(new URL("./", import.meta.url));

const caseFields = ["name", "gateway", "servers", "unhealthy", "limits", "client", "gets", "sees", "log"];
const expectedFields = ["starts", "has", "not", "body"];

/** All cases by file, line ends of texts turned into those of HTTP. Throws for a field that no case has. */
export function caseFiles(): readonly (readonly [file: string, cases: readonly GatewayCase[]])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => [name, casesOf(name)]);
}

function casesOf(file: string): readonly GatewayCase[] {
  const { gateway, cases } = parse(readFileSync(`${folder}${file}`, "utf8"), { merge: true }) as {
    gateway?: GatewayCase["gateway"];
    cases: readonly GatewayCase[];
  };
  return cases.map((one) => {
    const whole = withLineEnds({ ...(gateway === undefined ? {} : { gateway }), ...one }) as GatewayCase;
    known(whole, caseFields, `${file}: ${one.name}`);
    for (const seen of [whole.gets, ...Object.values(whole.sees ?? {}).flat()])
      known(seen, expectedFields, `${file}: ${one.name}`);
    return whole;
  });
}

/** A misspelt field would hold nothing. */
function known(value: object, fields: readonly string[], where: string): void {
  const stranger = Object.keys(value).find((key) => !fields.includes(key));
  if (stranger !== undefined) throw new Error(`${where}: unknown field ${stranger}`);
}

/** In texts, `\n` is a whole line end, `\r` that is written stays as it is, and `@LARGE@` is 100,000 letters. */
function withLineEnds(value: unknown): unknown {
  if (typeof value === "string")
    return value.replace(/(?<!\r)\n/g, "\r\n").replace("@LARGE@", "x".repeat(100_000));
  if (Array.isArray(value)) return value.map(withLineEnds);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withLineEnds(one)]));
}
