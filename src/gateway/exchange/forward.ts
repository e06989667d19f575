import { exchangeOfRequest } from "../../health/exchange.ts";
import { forwardedHead, hostFor } from "../../health/forwarded-head.ts";
import { forwardedPath } from "../../health/live-request.ts";
import { planRequest, type RequestPlan } from "../../health/request-plan.ts";
import type { Server } from "../../routing/routes.ts";
import type { ForwardedRequest } from "../upstream/contract.ts";
import type { Serving } from "./parts.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestSeen } from "./request-seen.ts";
import type { Way } from "./rewrite.ts";

/** What a server is sent for a request, with what the log says of it. */
export interface Forwarded {
  readonly request: ForwardedRequest;
  readonly host: string;
  readonly target: string;
}

/** What holds for every request to one server. */
interface Standing {
  readonly plan: RequestPlan;
  /** The name for the handshake, where it does not depend on the client. */
  readonly fixedSni: string | undefined;
}

/** By server: they depend on the configuration only. */
const known = new WeakMap<Server, Standing>();

function standingOf(server: Server, serving: Serving): Standing {
  const before = known.get(server);
  if (before !== undefined) return before;
  const { generation } = serving.prepared.gateway;
  const plan = planRequest(generation, server.pair.setting, server.address, serving.switches);
  const fixedSni = plan.sni.from === "client" ? undefined : sniFor(plan, "", serving);
  const standing: Standing = { plan, fixedSni };
  known.set(server, standing);
  return standing;
}

/** The name for the handshake with a client that asked for this Host. What rules make of the Host plays no part. */
function sniFor(plan: RequestPlan, host: string, { prepared, switches }: Serving): string | undefined {
  // Where to connect to is not asked here: any port will do for a plan without one.
  const anyPort = { ...plan, port: { ...plan.port, value: plan.port.value ?? 0 } };
  const client = { scheme: "https", host, path: "/", method: "GET" } as const;
  const onItsWay = { path: "/", rewrittenHost: undefined };
  const sent = exchangeOfRequest(prepared.gateway.generation, anyPort, client, onItsWay, switches);
  return "notSent" in sent ? undefined : sent.sni;
}

/** The request in our own words for one server (request-handling.md §6). */
export function forwardTo(
  server: Server,
  seen: RequestSeen,
  way: Way,
  body: RequestBody,
  serving: Serving,
): Forwarded {
  const { switches } = serving;
  const { place } = seen;
  const { plan, fixedSni } = standingOf(server, serving);
  const host = hostFor(plan.host, seen.host, way.host, switches) ?? seen.host;
  const target = forwardedPath(plan.pathOverride.value, way.taken.rest, way.target);
  const framing = framingOf(seen, body);
  const head = forwardedHead({
    method: seen.method,
    target,
    host,
    fields: seen.fields,
    changes: way.changes,
    origin: {
      scheme: place.tls === undefined ? "http" : "https",
      port: place.frontendPort,
      host: seen.host,
    },
    clientAddress: place.address,
    clientPort: place.port,
    originalTarget: switches.originalUrlHeader === "sent" ? seen.originalTarget : undefined,
    traceId: seen.transactionId,
    body: framing,
    upgrade: seen.upgrade,
    // The client has been told to go on by us.
    expectContinue: false,
  });
  return {
    request: {
      method: seen.method,
      head,
      body: bodyKind(seen, framing),
      upgrade: seen.upgrade !== undefined,
      sni: plan.sni.from === "client" ? sniFor(plan, seen.host, serving) : fixedSni,
      responseTimeoutMs: plan.requestTimeoutS.value * 1000,
    },
    host,
    target,
  };
}

type Framing = "none" | "chunked" | { readonly bytes: number };

/** A body that is all here has a length, however it came. */
function framingOf({ body, contentLength }: RequestSeen, kept: RequestBody): Framing {
  if (body === "none") return contentLength === 0 ? { bytes: 0 } : "none";
  if (body === "length") return { bytes: contentLength ?? 0 };
  return kept.ended && kept.whole ? { bytes: kept.bytes } : "chunked";
}

function bodyKind({ body }: RequestSeen, framing: Framing): ForwardedRequest["body"] {
  if (body === "none") return "none";
  return framing === "chunked" ? "chunked" : "length";
}
