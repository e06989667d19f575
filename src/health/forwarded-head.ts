import type { HostChoice } from "./request-plan.ts";
import type { Switches } from "./switches.ts";

/** The field lines of a client's request, in order: names and values of a valid head, bytes one a character. */
export interface ForwardableFields {
  readonly count: number;
  name(index: number): string;
  value(index: number): string;
  nameLength(index: number): number;
  /** `lower`: the name in lower case. */
  isNamed(index: number, lower: string): boolean;
  /** The lines from `from` up to `to`, each as `Name: value` and CRLF. */
  lines(from: number, to: number): string;
}

/** What becomes of all fields of one name: one with this value instead, or none. Never Host or a field of framing. */
export interface ForwardedChange {
  readonly lower: string;
  readonly name: string;
  readonly value: string | undefined;
}

/** Who asks, and by which way the request came. */
export interface RequestOrigin {
  readonly scheme: "http" | "https";
  /** The port on which the gateway got it. */
  readonly port: number;
  /** The Host as received. */
  readonly host: string;
}

/** What a server is sent for one request of a client (request-handling.md §6). */
export interface RequestToForward {
  readonly method: string;
  /** With the path override made: `forwardedPath`. */
  readonly target: string;
  /** The Host for the server: `hostFor`. */
  readonly host: string;
  readonly fields: ForwardableFields;
  /** By rewrite rules. They have the last word, also on what the gateway adds. */
  readonly changes: readonly ForwardedChange[];
  readonly origin: RequestOrigin;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The URL as received; undefined = servers do not get it (`Switches.originalUrlHeader`). */
  readonly originalTarget: string | undefined;
  readonly traceId: string;
  readonly body: "none" | "chunked" | { readonly bytes: number };
  /** The protocol to upgrade to, as the client names it; undefined = none is asked for. */
  readonly upgrade: string | undefined;
  /** The server is to say 100 before the body is sent. */
  readonly expectContinue: boolean;
}

/**
 * What stays behind: fields of one connection or message (RFC 9110 §7.6.1, §10.1.1), and those the gateway writes itself.
 */
const ownFields: readonly string[] = [
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const addedFields: readonly string[] = [
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-original-host",
  "x-original-url",
  "x-appgw-trace-id",
];

const ownNames: ReadonlySet<string> = new Set(ownFields);

/** By length of the name, so that most fields are told after one look. */
const stayBehind: readonly (readonly string[] | undefined)[] = byLength([...ownFields, ...addedFields]);

function byLength(names: readonly string[]): (readonly string[] | undefined)[] {
  const lists: string[][] = [];
  for (const name of names) {
    const list = lists[name.length];
    if (list === undefined) lists[name.length] = [name];
    else list.push(name);
  }
  return lists;
}

/** Whether a field of this lower-case name belongs to one connection or message, and is never passed on as it came. */
export function staysWithMessage(lower: string): boolean {
  return ownNames.has(lower);
}

/** Names of other characters do not reach servers (request-handling.md §5). */
export function reachesServers(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index) | 0x20;
    const isLetter = code >= 0x61 && code <= 0x7a;
    if (!isLetter && !isDigitOrHyphen(name.charCodeAt(index))) return false;
  }
  return name !== "";
}

const isDigitOrHyphen = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2d;

/**
 * The Host that a server gets: the setting's, else the one a rewrite rule set, else the client's. Undefined = a name is
 * to be picked and there is none.
 */
export function hostFor(
  choice: HostChoice,
  client: string,
  rewritten: string | undefined,
  { rewrittenHost }: Pick<Switches, "rewrittenHost">,
): string | undefined {
  if (choice.from === "client" || rewrittenHost === "rewrite") {
    if (rewritten !== undefined) return rewritten;
  }
  return choice.from === "client" ? client : choice.value;
}

/** What the gateway tells servers of the way a request came, whoever asks: applications redirect and link by it. */
export function originFields({ scheme, port, host }: RequestOrigin): readonly (readonly [string, string])[] {
  return [
    ["X-Forwarded-Proto", scheme],
    ["X-Forwarded-Port", String(port)],
    ["X-Original-Host", host],
  ];
}

/** The whole head, framing fields and empty line with it. */
export function forwardedHead(request: RequestToForward): string {
  const { method, target, host, fields, changes } = request;
  const named = namedByConnection(fields);
  const passed =
    changes.length === 0 && named === undefined
      ? passedOn(fields)
      : passedOnBut(fields, namesIn(changes), named ?? noNames);
  const added = addedLines(request, changes);
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${passed}${added}${hopLines(request)}\r\n`;
}

const noNames: ReadonlySet<string> = new Set();

const namesIn = (changes: readonly ForwardedChange[]): ReadonlySet<string> =>
  changes.length === 0 ? noNames : new Set(changes.map(({ lower }) => lower));

/** Runs of lines that stay together are cut out in one piece. */
function passedOn(fields: ForwardableFields): string {
  let lines = "";
  let from = 0;
  for (let index = 0; index < fields.count; index++) {
    if (!isLeft(fields, index)) continue;
    if (index > from) lines += fields.lines(from, index);
    from = index + 1;
  }
  return from < fields.count ? lines + fields.lines(from, fields.count) : lines;
}

function passedOnBut(
  fields: ForwardableFields,
  changed: ReadonlySet<string>,
  named: ReadonlySet<string>,
): string {
  let lines = "";
  for (let index = 0; index < fields.count; index++) {
    if (isLeft(fields, index)) continue;
    const lower = fields.name(index).toLowerCase();
    if (!changed.has(lower) && !named.has(lower)) lines += fields.lines(index, index + 1);
  }
  return lines;
}

function isLeft(fields: ForwardableFields, index: number): boolean {
  const candidates = stayBehind[fields.nameLength(index)];
  if (candidates !== undefined) {
    for (const name of candidates) if (fields.isNamed(index, name)) return true;
  }
  return !reachesServers(fields.name(index));
}

/** What `Connection` names beside what stays behind anyway; undefined = nothing. */
function namedByConnection(fields: ForwardableFields): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let index = 0; index < fields.count; index++) {
    if (fields.nameLength(index) !== 10 || !fields.isNamed(index, "connection")) continue;
    const value = fields.value(index);
    if (value === "keep-alive" || value === "close" || value === "Upgrade") continue;
    for (const option of value.toLowerCase().split(",")) {
      const name = option.trim();
      if (name === "" || name === "close" || ownNames.has(name)) continue;
      named ??= new Set();
      named.add(name);
    }
  }
  return named;
}

/** The fields that the gateway adds, then those that rules set. */
function addedLines(request: RequestToForward, changes: readonly ForwardedChange[]): string {
  const { origin, originalTarget, traceId } = request;
  if (changes.length === 0) {
    const url = originalTarget === undefined ? "" : `X-Original-URL: ${originalTarget}\r\n`;
    return `X-Forwarded-For: ${forwardedFor(request)}\r\n${originLines(origin)}${url}X-Appgw-Trace-Id: ${traceId}\r\n`;
  }
  const changed = namesIn(changes);
  const added: (readonly [string, string])[] = [
    ["X-Forwarded-For", forwardedFor(request)],
    ...originFields(origin),
    ...(originalTarget === undefined ? [] : [["X-Original-URL", originalTarget] as const]),
    ["X-Appgw-Trace-Id", traceId],
  ];
  let lines = "";
  for (const [name, value] of added) if (!changed.has(name.toLowerCase())) lines += `${name}: ${value}\r\n`;
  for (const { name, value } of changes) if (value !== undefined) lines += `${name}: ${value}\r\n`;
  return lines;
}

function originLines(origin: RequestOrigin): string {
  let lines = "";
  for (const [name, value] of originFields(origin)) lines += `${name}: ${value}\r\n`;
  return lines;
}

/** What came, in order, and the client at its end. */
function forwardedFor({ fields, clientAddress, clientPort }: RequestToForward): string {
  const own = clientAddress.includes(":")
    ? `[${clientAddress}]:${clientPort}`
    : `${clientAddress}:${clientPort}`;
  let chain = "";
  for (let index = 0; index < fields.count; index++) {
    if (fields.nameLength(index) !== 15 || !fields.isNamed(index, "x-forwarded-for")) continue;
    const value = fields.value(index);
    if (value !== "") chain += `${value}, `;
  }
  return chain + own;
}

/** What this connection is told: the framing of the body, and the wish for another protocol. */
function hopLines({ body, upgrade, expectContinue }: RequestToForward): string {
  const asks = upgrade === undefined ? "" : `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  const expects = expectContinue && body !== "none" ? "Expect: 100-continue\r\n" : "";
  if (body === "none") return asks;
  const framing = body === "chunked" ? "Transfer-Encoding: chunked\r\n" : `Content-Length: ${body.bytes}\r\n`;
  return asks + expects + framing;
}
