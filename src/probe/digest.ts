import type { HttpPhase, ProbeObservation, SentPlan } from "../model/probe-observation.ts";

const withheld = "(withheld)";

/** Shorter pieces stand in any text, and taking them out of it would hide more than them. */
const minSecretLength = 8;

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
 * An observation as it may be kept: without the body, and without the query of what a client asked. Values that the
 * client gave, in fields or query, are also taken out of what the server sent back: some send back all that they got.
 */
export function digestOf(
  observation: ProbeObservation,
  clientFields: ReadonlyMap<string, string> = new Map(),
): ProbeObservation {
  const { sent, http } = observation;
  const given = new GivenValues(secretsOf(sent, clientFields));
  return { ...observation, sent: sentDigest(sent), http: http && httpDigest(http, given) };
}

/** A probe's path stands in the gateway's own configuration; a client's query may be anything. */
function sentDigest(sent: SentPlan): SentPlan {
  const { client, path } = sent;
  if (client === undefined) return sent;
  return {
    ...sent,
    path: path === undefined ? undefined : withoutQuery(path),
    client: { ...client, path: withoutQuery(client.path) },
  };
}

function withoutQuery(path: string): string {
  const at = path.search(/[?#]/);
  return at < 0 ? path : `${path.slice(0, at)}?${withheld}`;
}

function httpDigest(http: HttpPhase, given: GivenValues): HttpPhase {
  const { firstBytesBase64, reason, headers } = http;
  const firstBytes = Buffer.from(firstBytesBase64 ?? "", "base64").toString("latin1");
  return {
    ...http,
    bodyBase64: "",
    reason: reason === undefined ? undefined : given.without(reason),
    headers: headers.map(({ name, value }) => ({ name: given.without(name), value: given.without(value) })),
    firstBytesBase64:
      given.without(firstBytes) === firstBytes ? firstBytesBase64 : Buffer.from(withheld).toString("base64"),
  };
}

/** Whole values, and the words they are made of: `Bearer x` is also `x`, `a=1; b=2` also `1` and `2`. */
function secretsOf({ client, path }: SentPlan, clientFields: ReadonlyMap<string, string>): string[] {
  const values = [...clientFields].flatMap(([name, value]) => (plainFields.has(name) ? [] : [value]));
  const queries = client === undefined ? [] : [path, client.path].flatMap((one) => queryOf(one) ?? []);
  return [...values, ...queries].flatMap((value) => {
    const words = value.split(/[\s;,=&?#"]+/);
    return [value, ...words, ...words.flatMap((word) => decoded(word) ?? [])];
  });
}

function queryOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : /[?#](.+)$/s.exec(path)?.[1];
}

function decoded(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}

/** Takes given values out of texts. */
class GivenValues {
  /** The longest first, since one may hold another. */
  readonly #values: readonly string[];

  constructor(values: readonly string[]) {
    const long = values.filter((value) => value.length >= minSecretLength);
    this.#values = [...new Set(long)].sort((left, right) => right.length - left.length);
  }

  without(text: string): string {
    return this.#values.reduce((rest, value) => rest.replaceAll(value, () => withheld), text);
  }
}
