import type { HttpPhase, ProbeObservation, SentPlan, TlsPhase } from "../model/probe-observation.ts";

const withheld = "(withheld)";

/** Shorter pieces stand in any text, and taking them out of it would hide more than them. */
const leastLength = 8;

/** Of a credential also shorter pieces, where they stand as a word. */
const leastWordLength = 4;

/** Less of the beginning of a value says nothing of the rest. */
const leastBeginning = 4;

const credentialFields: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/** What clients say in these fields is no secret, and servers say the same for reasons of their own. */
const plainFields: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-type",
  "dnt",
  "from",
  "if-modified-since",
  "if-none-match",
  "origin",
  "pragma",
  "priority",
  "range",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-websocket-protocol",
  "upgrade-insecure-requests",
  "user-agent",
]);

/**
 * What a client gave to be sent and nobody is to see again: values of its header fields, queries of its URLs. Some
 * servers send back all that they got, in a status line or a redirect, later, or to somebody else.
 */
export class GivenValues {
  /** Withheld wherever they stand. */
  readonly #values: readonly string[];
  /** Withheld where they stand as a word. */
  readonly #words: readonly string[];

  /** `fields` by lower-case name; `paths` are request targets, of which the queries count. */
  constructor(fields: ReadonlyMap<string, string>, paths: readonly string[]) {
    const secret = [...fields].filter(([name]) => !plainFields.has(name));
    const credentials = secret.flatMap(([name, value]) => (credentialFields.has(name) ? formsOf(value) : []));
    const others = [...secret.map(([, value]) => value), ...paths.flatMap((path) => queryOf(path) ?? [])];
    this.#values = [...credentials, ...others.flatMap(formsOf)].filter(({ length }) => length >= leastLength);
    this.#words = credentials.filter(({ length }) => length >= leastWordLength && length < leastLength);
  }

  /**
   * An observation as it may be kept. What the plan itself has, names above all, is no secret. A chain of certificates
   * that holds one is dropped whole: half a certificate is none.
   */
  withheldFrom(observation: ProbeObservation): ProbeObservation {
    const { sent, tls, http } = observation;
    const values = [...new Set(this.#values)].filter((value) => !isPlanned(value, sent));
    const pattern = patternOf(values, this.#words);
    if (pattern === undefined) return observation;
    const without = (text: string): string => text.replace(pattern, withheld);
    const bytes = ({ firstBytesBase64 }: Pick<HttpPhase, "firstBytesBase64">) => {
      const text = Buffer.from(firstBytesBase64 ?? "", "base64").toString("latin1");
      const holds = without(text) !== text || values.some((value) => endsInside(text, value));
      return { firstBytesBase64: holds ? Buffer.from(withheld).toString("base64") : firstBytesBase64 };
    };
    return {
      ...observation,
      tls: tls && { ...tls, ...bytes(tls), chain: chainWithout(tls.chain, values) },
      http: http && {
        ...http,
        ...bytes(http),
        reason: http.reason === undefined ? undefined : without(http.reason),
        headers: http.headers.map(({ name, value }) => ({ name: without(name), value: without(value) })),
      },
    };
  }
}

function chainWithout(chain: TlsPhase["chain"], values: readonly string[]): TlsPhase["chain"] {
  const holds = chain?.some(({ derBase64 }) => {
    const der = Buffer.from(derBase64, "base64");
    return values.some((value) => der.includes(value, "utf8") || der.includes(value, "latin1"));
  });
  return holds ? undefined : chain;
}

/** In any letters, since HTTP/2 has names small; the longest first, since one value may hold another. */
function patternOf(values: readonly string[], words: readonly string[]): RegExp | undefined {
  const escaped = (text: string): string => text.replace(/[^A-Za-z0-9]/g, "\\$&");
  const anywhere = values.toSorted((left, right) => right.length - left.length).map(escaped);
  const alone = words.map((word) => `(?<![A-Za-z0-9])${escaped(word)}(?![A-Za-z0-9])`);
  const all = [...anywhere, ...alone];
  return all.length === 0 ? undefined : new RegExp(all.join("|"), "gi");
}

/** The first bytes may end where a value has only begun. */
function endsInside(text: string, value: string): boolean {
  for (let length = Math.min(text.length, value.length - 1); length >= leastBeginning; length--) {
    if (text.endsWith(value.slice(0, length))) return true;
  }
  return false;
}

/** A client may say in a field what the plan says anyway: the host, the path. */
function isPlanned(value: string, { target, host, sni, path, client }: SentPlan): boolean {
  const planned = [target, host, sni, client?.host, path?.replace(/[?#].*$/s, "")];
  return planned.some((text) => text?.toLowerCase().includes(value.toLowerCase()));
}

function queryOf(path: string): string | undefined {
  return /[?#](.+)$/s.exec(path)?.[1];
}

/**
 * A value, the words it is made of (`Bearer x` is also `x`, `a=1; b=2` also `1` and `2`), and what either is before or
 * after the usual encodings.
 */
function formsOf(value: string): string[] {
  const words = [value, ...value.split(/[\s;,=&?#"]+/)];
  return words.flatMap((word) => {
    const plain = fromBase64(word);
    return [
      word,
      decoded(word) ?? word,
      encodeURIComponent(word.toWellFormed()),
      ...inBase64(word),
      ...(plain === undefined ? [] : [plain, ...plain.split(":")]),
    ];
  });
}

/** What stays the same of it in the base64 of any text that it is part of: that depends on where it begins. */
function inBase64(word: string): string[] {
  return [0, 1, 2].map((before) => {
    const packed = Buffer.from(" ".repeat(before) + word, "latin1").toString("base64");
    return packed.slice(Math.ceil((before * 8) / 6), Math.floor(((before + word.length) * 8) / 6));
  });
}

function decoded(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}

/** Only what is text in base64: `user:password`, or the JSON of a token. */
function fromBase64(word: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(word)) return undefined;
  const text = Buffer.from(word, "base64").toString("latin1");
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}
