import type { ClientCertificateFacts } from "../../routing/rewrite/facts.ts";
import type { BodyKind } from "../../wire/http1/framing.ts";
import type { Tunnel } from "../upstream/contract.ts";

/** The head of a response, apart from what frames its body. */
export interface ClientResponse {
  readonly status: number;
  readonly reason: string;
  /** Whole field lines, each with its line end; nothing that belongs to one connection only. */
  readonly lines: string;
  /** How the body came; it is framed anew. */
  readonly body: BodyKind;
  /** As the field says, also where there is no body. */
  readonly contentLength: number | undefined;
  /** The request cannot be read to its end, or nobody may follow it: the connection ends after this response. */
  readonly last: boolean;
}

/** Where a client stands. */
export interface ClientPlace {
  readonly address: string;
  readonly port: number;
  /** The port in the configuration. */
  readonly frontendPort: number;
  readonly frontend: string | undefined;
  readonly tls: { readonly protocol: string; readonly cipher: string } | undefined;
  /** What it showed where it was asked; undefined = nothing. */
  readonly clientCertificate?: ClientCertificateFacts | undefined;
  /** What it had to show a certificate for (`ClientCertificates.demand`); undefined = it was not asked for one. */
  readonly metDemand?: string | undefined;
  /** It speaks HTTP/2; otherwise HTTP/1. */
  readonly http2: boolean;
}

/** The client of one exchange, whatever it speaks. Nothing here throws. */
export interface ClientSide {
  readonly place: ClientPlace;
  /** Its connection has ended. */
  readonly gone: boolean;
  /** Bytes of the request and of the response so far. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** A 1xx response, `100` among them; not sent where the client's version has none. */
  interim(status: number, reason: string, lines: string): void;
  respond(response: ClientResponse): void;
  /** The buffer is lent. */
  write(buffer: Buffer, from: number, to: number): void;
  finish(): void;
  /** What was begun cannot be ended: the client is made to see it. */
  cut(): void;
  /** No more of the request body for now, or again. */
  pauseBody(): void;
  resumeBody(): void;
  /** After a 101: its bytes go there as they are. */
  startTunnel(tunnel: Tunnel): void;
  /** The exchange has ended and left its record; another may begin. */
  exchangeOver(): void;
}
