import type { ClientRequest } from "../model/exchange-plan.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments } from "./options.ts";

/** The request a call of `causeway bypass` describes. */
export interface BypassRequest {
  readonly client: ClientRequest & { readonly port: number };
  /** Without its query, for people to see. */
  readonly url: string;
  /** The fields a client sends, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly tries: number;
  /** Its method may change something. */
  readonly unsafe: boolean;
}

const schemes: Readonly<Record<string, ClientRequest["scheme"]>> = {
  "http:": "http",
  "https:": "https",
  "ws:": "ws",
  "wss:": "wss",
};

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const mostTries = 100;

/** Throws `UsageError` on what is no request. */
export function bypassRequestFrom(args: Arguments): BypassRequest {
  const [text, ...others] = args.positionals;
  if (text === undefined) {
    throw new UsageError("nothing to ask for: give a URL; see causeway bypass --help");
  }
  if (others.length > 0) {
    throw new UsageError(`one URL at a time, not also "${others[0]}"; documents are given with --case PATH`);
  }
  const { client, url } = requestOf(text, methodFrom(args.text("method")));
  const unsafe = !safeMethods.has(client.method);
  return {
    client,
    url,
    fields: fieldsFrom(args.list("header")),
    tries: triesFrom(args.text("tries"), unsafe),
    unsafe,
  };
}

function requestOf(text: string, method: string): Pick<BypassRequest, "client" | "url"> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && schemes[url.protocol];
  if (url === undefined || scheme === undefined) {
    throw new UsageError(`"${text.replace(/[?#].*$/s, "")}" is no URL of http, https, ws or wss`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("a URL with a user name is not sent; give it with --header 'Authorization: ...'");
  }
  const secure = scheme === "https" || scheme === "wss";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const client = { scheme, host: url.host, path: url.pathname + url.search, method, port };
  const query = url.search === "" ? "" : "?…";
  return { client, url: `${scheme}://${url.host}${url.pathname}${query}` };
}

function methodFrom(text = "GET"): string {
  const method = text.toUpperCase();
  if (/^[A-Z][A-Z-]{0,31}$/.test(method) && method !== "CONNECT") return method;
  throw new UsageError(`--method takes a method like GET or POST, not "${text}"`);
}

/** What is not harmless to repeat is sent once unless the call says otherwise. */
function triesFrom(text: string | undefined, unsafe: boolean): number {
  if (text === undefined) return unsafe ? 1 : 3;
  const tries = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (tries >= 1 && tries <= mostTries) return tries;
  throw new UsageError(`--tries takes a number from 1 to ${mostTries}, not "${text}"`);
}

/** Values are secrets: no message shows them. */
function fieldsFrom(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined)
      throw new UsageError("--header takes 'Name: value', in letters a header may hold");
    if (name === "host")
      throw new UsageError("the host stands in the URL; where it leads to is said with --via");
    if (fields.has(name)) throw new UsageError(`--header ${name} is given twice`);
    fields.set(name, match?.[2]?.trim() ?? "");
  }
  return fields;
}
