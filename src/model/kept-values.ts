import type { ClientRequest } from "./exchange-plan.ts";
import type { SentPlan } from "./probe-observation.ts";

/** A response header as an observation has it. */
interface Header {
  readonly name: string;
  readonly value: string;
}

const withheld = "(withheld)";

/**
 * Headers whose values tell a cause: how the message is framed, who answers, what is asked for. Of every other header
 * the name alone is kept: a list of what is secret can never be complete.
 */
const telling: ReadonlyMap<string, (value: string) => string> = new Map([
  ...[
    "age",
    "allow",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "proxy-connection",
    "retry-after",
    "server",
    "strict-transport-security",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "x-aspnet-version",
    "x-cache",
    "x-powered-by",
  ].map((name) => [name, (value: string) => value] as const),
  ["content-location", addressAlone],
  ["location", addressAlone],
  ["proxy-authenticate", schemesAlone],
  ["www-authenticate", schemesAlone],
]);

/** A header as it may be kept. */
export function keptHeader({ name, value }: Header): Header {
  const keep = telling.get(name.toLowerCase());
  return { name, value: keep === undefined || value === withheld ? withheld : keep(value) };
}

/** What is longer is not looked into. */
const mostUnits = 2048;

/**
 * Scheme, user, host, path, and the rest; the host is followed by one of the others, which keeps matching linear. With an
 * @ in the rest, what stands before may be a password that was not encoded.
 */
const addressForm =
  /^([a-z][a-z\d+.-]*:)?(?:\/\/(?:[^/?#@\\\s]*@)?([^/?#;@\\\s]*)(?=[/?#;]|$))?([^?#;@\\\s]*)([?#;][^@]*)?$/is;

/** Scheme, host and path; without user, path parameters, query and fragment. */
function addressAlone(value: string): string {
  const address = value.length > mostUnits ? null : addressForm.exec(value);
  if (address === null) return withheld;
  const [, scheme = "", host, path = "", rest] = address;
  const before = `${scheme}${host === undefined ? "" : `//${host}`}${path}`;
  return rest === undefined ? before : `${before}${rest.charAt(0)}${withheld}`;
}

/** As registered (IANA), and those that Azure's services ask with. */
const authenticationSchemes = new Map(
  [
    "Basic",
    "Bearer",
    "Concealed",
    "Digest",
    "DPoP",
    "GNAP",
    "HOBA",
    "Kerberos",
    "Mutual",
    "Negotiate",
    "NTLM",
    "OAuth",
    "PoP",
    "PrivateToken",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SharedKey",
    "vapid",
  ].map((scheme) => [scheme.toLowerCase(), scheme]),
);

/** Which schemes are offered, without their parameters; whatever is no known scheme is withheld. */
function schemesAlone(value: string): string {
  const words = value
    .slice(0, mostUnits)
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .split(",")
    .flatMap((part) => /^\s*([^\s=]+)(?=\s+[^\s=]|\s*$)/.exec(part)?.[1] ?? []);
  const schemes = words.map((word) => authenticationSchemes.get(word.toLowerCase()) ?? withheld);
  return schemes.length === 0 ? withheld : [...new Set(schemes)].join(", ");
}

/**
 * The first bytes of what is not the protocol that was spoken: they tell which it is. Bytes that are no text stay whole (a
 * TLS alert, HTTP/2 frames); of text the status line or the first word, with the sign before it, since a server may begin
 * with anything; of what only looks like text at first, the first eight.
 */
export function keptFirstBytes(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const first = bytes[0];
  if (first === undefined || first < 0x20 || first > 0x7e) return base64;
  if (bytes.subarray(0, 8).some((byte) => byte < 0x09)) return bytes.subarray(0, 8).toString("base64");
  const text = bytes.toString("latin1");
  const kept = /^HTTP\/[^\r\n]*/.exec(text) ?? /^(?:\* |[+@])?[\w./-]{0,32}/.exec(text);
  return Buffer.from(kept?.[0] ?? "", "latin1").toString("base64");
}

/** Of what a client asks, only that there is a query; what a probe asks stands in the configuration as it is. */
export function keptPlan(plan: SentPlan): SentPlan {
  const { purpose, path, client } = plan;
  return {
    ...plan,
    path: purpose === "probe" || path === undefined ? path : withoutQuery(path),
    client: client && keptClient(client),
  };
}

function keptClient(client: ClientRequest): ClientRequest {
  return { ...client, host: client.host.replace(/^.*@/s, ""), path: withoutQuery(client.path) };
}

function withoutQuery(path: string): string {
  return path.replace(/([?#]).+$/s, `$1${withheld}`);
}
