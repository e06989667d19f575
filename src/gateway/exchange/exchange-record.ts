import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { AnsweredBy, Attempt } from "../../model/attempt.ts";
import type { Listener } from "../../model/gateway.ts";
import type { NoServer } from "../../model/own-member.ts";
import type { ClientCertificateFacts } from "../../routing/rewrite/facts.ts";
import type { Route } from "../../routing/routes.ts";
import type { FaultKind } from "../../wire/http1/fault.ts";
import type { Limit } from "../limits/gate.ts";

/** Who ended an exchange (docs/gateway-phases.md). */
export type EndedBy =
  | "-" // nobody: it went well
  | "C" // the client
  | "S" // the server
  | "P" // the gateway, on purpose or by its rules
  | "N" // the name could not be resolved
  | "c" // time was up waiting for the client
  | "s" // time was up waiting for the server
  | "O" // the operator: the server was taken out, and its drain time was over
  | "I" // the gateway itself failed
  | "K"; // limits: too much is going on

/** In which phase. */
export type EndedIn =
  | "-"
  | "R" // the request was being read
  | "Q" // no server could be chosen
  | "C" // connecting to a server
  | "T" // TLS with a server
  | "H" // waiting for the response head
  | "D" // the response was being relayed
  | "L" // the last bytes were on their way
  | "U"; // a tunnel after an upgrade, or a connection of layer 4

/** The two-part code, e.g. `SH`: the server ended it while its response head was awaited. */
export type Ending = `${EndedBy}${EndedIn}`;

/** What is wrong with a request that is not valid. */
export interface RequestFault {
  readonly kind: FaultKind;
  /** Of the first byte that is wrong, from the first of the request; undefined = nobody counts them (HTTP/2). */
  readonly offset: number | undefined;
}

/** What a carried connection leaves behind beside what every exchange does. */
export interface Layer4Facts {
  /** What the servers sent. */
  readonly upstreamReceivedBytes: number;
  /** Why the gateway ended it: nothing came either way for the time-out of the setting, or it is not served any more. */
  readonly endedFor: "idle" | "drained" | undefined;
}

/** Everything one exchange leaves behind: for the log, the metrics and its explanation. */
export interface ExchangeRecord {
  /** 32 hexadecimal digits; the servers get it too. */
  readonly transactionId: string;
  readonly startedAtMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly listener: Listener | undefined;
  /** The route it took; undefined when it took none. */
  readonly route: Route | undefined;
  readonly method: string;
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`. */
  readonly httpVersion: string;
  /** As received and as rewritten. */
  readonly originalHost: string;
  readonly host: string;
  readonly originalTarget: string;
  readonly target: string;
  readonly userAgent: string;
  readonly contentType: string;
  /** What the client got; 499 (v1: 0) when it went away first. */
  readonly status: number;
  readonly ending: Ending;
  /** Undefined when it went well, or nothing is wrong with the gateway's side. */
  readonly cause: CauseId | undefined;
  /** What the v2 log calls it (logs-and-metrics.md §3), where the gateway itself knows better than by the ending: faults of requests. */
  readonly errorInfo?: string | undefined;
  /** Why the request could not be read, where that ended it. */
  readonly fault?: RequestFault | undefined;
  /** Why no server could be chosen, where that ended it. */
  readonly noServer?: NoServer | undefined;
  /** What there was too much of, where that ended it. */
  readonly limit?: Limit | undefined;
  /** A 5xx that the server itself sent. */
  readonly backendError: boolean;
  /** Who made an answer of 5xx that the server sent. */
  readonly answeredBy?: AnsweredBy | undefined;
  readonly attempts: readonly Attempt[];
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly tls: { readonly protocol: string; readonly cipher: string } | undefined;
  /** Mutual TLS; undefined = it showed none, or was not asked. */
  readonly clientCertificate?:
    | Pick<ClientCertificateFacts, "verification" | "fingerprint" | "issuer">
    | undefined;
  /** From the first byte of the request to the last of the response. */
  readonly tookMs: number;
  /** Of a connection of layer 4: what belongs to requests is empty then, and `status` is what its log calls `serverStatus`. */
  readonly layer4?: Layer4Facts | undefined;
  /** From the first byte of the response on. */
  readonly clientResponseMs: number | undefined;
}
