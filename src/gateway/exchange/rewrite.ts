import type { ForwardedChange } from "../../health/forwarded-head.ts";
import type { RequestFacts } from "../../routing/rewrite/facts.ts";
import { rewriteResponse } from "../../routing/rewrite/response-side.ts";
import type { BackendTaken, OpenResponse } from "../../routing/rewrite/rewriter.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import { EndToEnd } from "../../wire/http1/hop-by-hop.ts";
import type { ClientSide } from "./client-side.ts";
import { joinedField } from "./kept-fields.ts";
import type { OwnAnswer } from "./own-answer.ts";
import type { Serving } from "./parts.ts";
import type { RequestSeen } from "./request-seen.ts";
import { answerWithoutServer } from "./route.ts";

/** A request on its way to a pool, after the rules of its route. */
export interface Way {
  readonly taken: BackendTaken;
  /** Origin form, rewritten. */
  readonly target: string;
  /** The Host that a rule set; undefined = none did. */
  readonly host: string | undefined;
  readonly changes: readonly ForwardedChange[];
  /** Rules that wait for the answer. */
  readonly response: OpenResponse | undefined;
}

/** What the rewrite set of the route makes of a request: its way, or what the client gets instead. */
export function rewritten(
  taken: BackendTaken,
  request: RequestSeen,
  client: ClientSide,
  serving: Serving,
): Way | OwnAnswer {
  const made = serving.rewriter.rewrite(taken, () => factsOf(request, client));
  if (made === undefined) {
    return { taken, target: request.target, host: undefined, changes: [], response: undefined };
  }
  switch (made.outcome) {
    case "forward":
      return made;
    case "answer":
      return answerWithoutServer(made.by, request, serving);
    case "loop":
      return { status: 500, ending: "PR", errorInfo: undefined };
  }
}

function factsOf(request: RequestSeen, client: ClientSide): RequestFacts {
  const { method, httpVersion, host, target, fields, place } = request;
  return {
    method,
    httpVersion,
    scheme: place.tls === undefined ? "http" : "https",
    host,
    target,
    field: (lower) => joinedField(fields, lower),
    clientAddress: place.address,
    clientPort: place.port,
    clientRttUs: undefined,
    serverPort: place.frontendPort,
    get receivedBytes() {
      return client.receivedBytes;
    },
    tls: place.tls && { ...place.tls, offeredCiphers: "" },
    clientCertificate: place.clientCertificate,
  };
}

const endToEnd = new EndToEnd();

/** The field lines of a server's answer that go on to the client, after the rules that waited for it. */
export function responseLines(
  status: number,
  fields: HeaderFields,
  response: OpenResponse | undefined,
  sentBytes: number,
): string {
  endToEnd.read(fields);
  if (response === undefined) return endToEnd.lines();
  const lines = [];
  for (let index = 0; index < fields.count; index++) {
    if (!endToEnd.drops(index)) lines.push({ name: fields.name(index), value: fields.value(index) });
  }
  const made = rewriteResponse(response.open, response.view, { status, sentBytes }, lines);
  if (made === undefined) return endToEnd.lines();
  let text = "";
  for (const { name, value } of made) text += `${name}: ${value}\r\n`;
  return text;
}
