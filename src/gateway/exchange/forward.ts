import { forwardedHead, hostFor } from "../../health/forwarded-head.ts";
import { forwardedPath } from "../../health/live-request.ts";
import { nameOnly } from "../../health/probe-plan.ts";
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

/** Plans by server: they depend on the configuration only. */
const plans = new WeakMap<Server, RequestPlan>();

function planFor(server: Server, { prepared, switches }: Serving): RequestPlan {
  const known = plans.get(server);
  if (known !== undefined) return known;
  const plan = planRequest(prepared.gateway.generation, server.pair.setting, server.address, switches);
  plans.set(server, plan);
  return plan;
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
  const plan = planFor(server, serving);
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
      sni: plan.sni.from === "client" ? nameOnly(withoutPort(seen.host)) : plan.sni.value,
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

function withoutPort(host: string): string {
  const colon = host.startsWith("[") ? -1 : host.indexOf(":");
  return colon < 0 ? host : host.slice(0, colon);
}
