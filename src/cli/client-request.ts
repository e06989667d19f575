import type { ClientRequest } from "../model/exchange-plan.ts";
import type { ArrivingRequest } from "../routing/request-route.ts";
import { UsageError } from "./exit-codes.ts";

/** What a URL asks for. */
export interface AskedUrl {
  readonly client: ArrivingRequest;
  /** Without its query, for people to see. */
  readonly url: string;
}

const schemes: Readonly<Record<string, ClientRequest["scheme"]>> = {
  "http:": "http",
  "https:": "https",
  "ws:": "ws",
  "wss:": "wss",
};

/** Reads a URL as what a client asks for; throws `UsageError`, without the query, which may hold a secret. */
export function clientRequestFrom(text: string, method: string): AskedUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && schemes[url.protocol];
  if (url === undefined || scheme === undefined) {
    throw new UsageError(`"${withoutSecrets(text)}" is no URL of http, https, ws or wss`);
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

/** As much of what may be a URL as may be shown: not its user name, nor its query. */
export function withoutSecrets(text: string): string {
  return text.replace(/[?#].*$/s, "").replace(/^.*@/s, "");
}

/** Reads every `--header 'Name: value'` by lower-case name. Values are secrets: no message shows them. */
export function clientFieldsFrom(lines: readonly string[]): ReadonlyMap<string, string> {
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
