/** The keys of health-probes.md §8. */
export type HealthMessageKey =
  | "ok"
  | "probe-timeout"
  | "dns"
  | "tcp-new"
  | "tcp-old"
  | "status"
  | "status-new"
  | "status-old"
  | "body"
  | "cn-v2"
  | "cn-old"
  | "expired"
  | "no-intermediate"
  | "no-leaf"
  | "leaf-order"
  | "unknown-ca"
  | "unknown-ca-int"
  | "unknown-ca-old"
  | "root-mismatch-int"
  | "root-mismatch"
  | "v1-cert"
  | "verify"
  | "proxy-proto"
  | "unknown";

/** Which phase of a probe a message speaks of. A message is evidence, never a verdict. */
export type HealthMessagePhase = "ok" | "dns" | "tcp" | "timeout" | "tls" | "http" | "unknown";

export interface HealthMessage {
  /** Undefined = text that no row knows, or no text at all. */
  readonly key: HealthMessageKey | undefined;
  readonly phase: HealthMessagePhase | undefined;
  /** The status the server answered with, where the text says it. */
  readonly received: number | undefined;
  /** The OpenSSL verify error in the text, for `verify`. */
  readonly verifyError: number | undefined;
  /** How connecting failed; only Causeway's own reports tell it, the vendor's text is the same for both. */
  readonly connecting?: Connecting | undefined;
}

/** A refusal, or no answer at all. */
export type Connecting = "refused" | "silent";

interface Row {
  readonly key: HealthMessageKey;
  readonly phase: HealthMessagePhase;
  /** All must be in the text. Lower case, straight quotes. */
  readonly fragments: readonly string[];
}

/** In the order in which they must be tried (health-probes.md §8). Fragments are facts of the vendor's texts. */
const rows: readonly Row[] = [
  { key: "ok", phase: "ok", fragments: ["success. received "] },
  { key: "probe-timeout", phase: "timeout", fragments: ["health probe is more than the time"] },
  { key: "dns", phase: "dns", fragments: ["could not create a probe for this backend"] },
  { key: "tcp-new", phase: "tcp", fragments: ["could not connect to the backend"] },
  {
    key: "tcp-old",
    phase: "tcp",
    fragments: ["cannot connect to", "server. check whether any nsg/udr/firewall"],
  },
  { key: "status", phase: "http", fragments: ["status code of the backend's http response did not match"] },
  { key: "status-new", phase: "http", fragments: ["received invalid status code"] },
  { key: "status-old", phase: "http", fragments: ["probe status code mismatch"] },
  { key: "body", phase: "http", fragments: ["body of the backend's http response did not match"] },
  { key: "cn-v2", phase: "tls", fragments: ["common name of the leaf certificate presented by the"] },
  { key: "cn-old", phase: "tls", fragments: ["common name (cn) of the backend certificate"] },
  { key: "expired", phase: "tls", fragments: ['within the "valid from" and "valid to"'] },
  { key: "no-intermediate", phase: "tls", fragments: ["intermediate certificate is missing"] },
  { key: "no-leaf", phase: "tls", fragments: ["leaf certificate is missing"] },
  { key: "leaf-order", phase: "tls", fragments: ["topmost certificate in the chain"] },
  { key: "unknown-ca", phase: "tls", fragments: ["backend server certificate", "signed by a well-known"] },
  { key: "unknown-ca-int", phase: "tls", fragments: ["intermediate certificate", "signed by a well-known"] },
  {
    key: "unknown-ca-old",
    phase: "tls",
    fragments: ["server certificate used by the backend", "signed by a well-known"],
  },
  {
    key: "root-mismatch-int",
    phase: "tls",
    fragments: ["signed by any root certificates uploaded"],
  },
  {
    key: "root-mismatch",
    phase: "tls",
    fragments: ["root certificate of the server certificate used by the backend"],
  },
  { key: "v1-cert", phase: "tls", fragments: ["backend server certificate is not whitelisted"] },
  {
    key: "verify",
    phase: "tls",
    fragments: ["validity of the backend certificate could not be verified"],
  },
  {
    key: "proxy-proto",
    phase: "http",
    fragments: ["accept the proxy protocol header sent by the probes"],
  },
  { key: "unknown", phase: "unknown", fragments: ["backend health status could not be retrieved"] },
];

const nothing: HealthMessage = {
  key: undefined,
  phase: undefined,
  received: undefined,
  verifyError: undefined,
};

/** Longest text looked at; the longest message known is about a tenth of it. */
const readLimitChars = 8192;

/** Reads a `healthProbeLog` text by the fragments of health-probes.md §8. */
export function readHealthMessage(log: string): HealthMessage {
  const text = normalise(log);
  if (text === "") return nothing;
  const own = ownMark.exec(text);
  if (own !== null) return ofOwnMark(own);
  const row =
    rows.find(({ fragments }) => fragments.every((fragment) => text.includes(fragment))) ??
    (/^success\b/.test(text) ? rows[0] : undefined);
  return {
    key: row?.key,
    phase: row?.phase,
    received: receivedStatus(text),
    verifyError: row?.key === "verify" ? verifyErrorOf(text) : undefined,
  };
}

/**
 * How Causeway's own gateway ends a message: what it says before is in words of its own, so the key, and the status that
 * was received or how connecting failed, stand at the end.
 */
export function messageMark(key: HealthMessageKey, detail: number | Connecting | undefined): string {
  return `(causeway/${key}${detail === undefined ? "" : ` ${detail}`})`;
}

const ownMark = /\(causeway\/([a-z0-9-]{1,20})(?: (?:(\d{3})|(refused|silent)))?\)$/;

function ofOwnMark([, key, received, connecting]: RegExpExecArray): HealthMessage {
  const row = rows.find((one) => one.key === key);
  if (row === undefined) return nothing;
  return {
    key: row.key,
    phase: row.phase,
    received: received === undefined ? undefined : Number(received),
    verifyError: undefined,
    connecting: connecting === "refused" || connecting === "silent" ? connecting : undefined,
  };
}

/** Message keys whose fragments best match words a person pastes in, best first (for `causeway explain "…"`). */
export function messageKeysLike(words: string): HealthMessageKey[] {
  const read = readHealthMessage(words);
  if (read.key !== undefined) return [read.key];
  const wanted = wordsOf(normalise(words));
  if (wanted.size < 2) return [];
  return rows
    .map(({ key, fragments }) => {
      const have = wordsOf(fragments.join(" "));
      const common = [...have].filter((word) => wanted.has(word)).length;
      return { key, share: common < 2 ? 0 : common / Math.min(have.size, wanted.size) };
    })
    .filter(({ share }) => share >= 0.6)
    .sort((a, b) => b.share - a.share)
    .map(({ key }) => key);
}

function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[a-z0-9]{3,}/g) ?? []);
}

function normalise(log: string): string {
  return log
    .slice(0, readLimitChars)
    .replaceAll("**", "")
    .replace(/[\u2018\u2019\u0060\u00b4]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

function receivedStatus(text: string): number | undefined {
  const match = /received:? ?(?:invalid )?(?:http )?(?:response )?(?:status code:? ?)?(\d{3})\b/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function verifyErrorOf(text: string): number | undefined {
  const match =
    /(?:openssl )?(?:error )?code:? ?(\d{1,3})\b/.exec(text) ?? /error[: ]+(\d{1,3})\b/.exec(text);
  return match === null ? undefined : Number(match[1]);
}
