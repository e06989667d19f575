/** What the gateway knows of a client's request, for rewriting. Texts are bytes, one a character (Latin-1). */
export interface RequestFacts {
  readonly method: string;
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`. */
  readonly httpVersion: string;
  readonly scheme: "http" | "https";
  /** As in the Host field. */
  readonly host: string;
  /** Origin form as received. */
  readonly target: string;
  /** The values of all field lines of this lower-case name, joined by `, ` (cookies by `; `); undefined = there is none. */
  field(lower: string): string | undefined;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** Smoothed round trip in microseconds; undefined = the system does not tell. */
  readonly clientRttUs: number | undefined;
  /** The port on which the gateway got the request. */
  readonly serverPort: number;
  /** Of the request so far: line, head and body. */
  readonly receivedBytes: number;
  /** Undefined without TLS. */
  readonly tls: TlsFacts | undefined;
  /** Undefined where clients show none or are not asked for one. */
  readonly clientCertificate: ClientCertificateFacts | undefined;
}

export interface TlsFacts {
  /** e.g. `TLSv1.3` */
  readonly protocol: string;
  readonly cipher: string;
  /** What the client offered, joined by colons; empty = not known. */
  readonly offeredCiphers: string;
}

/** Mutual TLS: the certificate that the client showed. */
export interface ClientCertificateFacts {
  readonly pem: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly startDate: string;
  readonly endDate: string;
  /** SHA-1, hexadecimal. */
  readonly fingerprint: string;
  readonly verification: "SUCCESS" | `FAILED:${string}`;
}

/** What the gateway knows of a server's answer, for rewriting. */
export interface ResponseFacts {
  readonly status: number;
  /** To the client, so far. */
  readonly sentBytes: number;
  /** As of `RequestFacts`. */
  field(lower: string): string | undefined;
}

/** Thrown by facts that are asked for what they do not know, where a request is only planned. */
export class FactNotKnown extends Error {
  /** What was asked for, e.g. `client_ip`. */
  readonly what: string;

  constructor(what: string) {
    super(`${what} is not known`);
    this.name = "FactNotKnown";
    this.what = what;
  }
}

/**
 * A request while it is rewritten. Rules see what the rules before them made of path, query, Host and fields; only
 * `request_uri` and `request_query` stay what the client sent.
 */
export class RequestView {
  readonly facts: RequestFacts;
  path: string;
  /** Without its question mark; undefined = there is none. */
  query: string | undefined;
  host: string;
  /** A rule set the Host, be it to what it was. */
  hostSet = false;
  readonly #changes = new Map<string, FieldChange>();

  constructor(facts: RequestFacts) {
    this.facts = facts;
    const mark = facts.target.indexOf("?");
    this.path = mark < 0 ? facts.target : facts.target.slice(0, mark);
    this.query = mark < 0 ? undefined : facts.target.slice(mark + 1);
    this.host = facts.host;
  }

  get target(): string {
    return this.query === undefined ? this.path : `${this.path}?${this.query}`;
  }

  field(lower: string): string | undefined {
    if (lower === "host") return this.host;
    const change = this.#changes.get(lower);
    return change === undefined ? this.facts.field(lower) : change.value;
  }

  change(change: FieldChange): void {
    this.#changes.set(change.lower, change);
  }

  /** One for every name, in the order in which they were made first. */
  get changes(): readonly FieldChange[] {
    return this.#changes.size === 0 ? noChanges : [...this.#changes.values()];
  }
}

/** What becomes of all field lines of one name: one line with this value instead, or none. */
export interface FieldChange {
  readonly lower: string;
  /** As the configuration writes it. */
  readonly name: string;
  readonly value: string | undefined;
}

const noChanges: readonly FieldChange[] = [];
