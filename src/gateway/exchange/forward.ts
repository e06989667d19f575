import { forwardedPath } from "../../health/live-request.ts";
import { nameOnly } from "../../health/probe-plan.ts";
import { planRequest, type RequestPlan } from "../../health/request-plan.ts";
import type { RequestRoute } from "../../routing/request-route.ts";
import type { Server } from "../../routing/routes.ts";
import type { ForwardedRequest } from "../upstream/contract.ts";
import type { Serving } from "./parts.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestSeen } from "./request-seen.ts";

export type BackendTaken = Extract<RequestRoute, { to: "backend" }>;

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
  { rest }: BackendTaken,
  body: RequestBody,
  serving: Serving,
): Forwarded {
  const plan = planFor(server, serving);
  const host = plan.host.from === "client" ? seen.host : (plan.host.value ?? seen.host);
  const target = forwardedPath(plan.pathOverride.value, rest, seen.target);
  const sni = plan.sni.from === "client" ? nameOnly(withoutPort(host)) : plan.sni.value;
  const framing = framingOf(seen, body);
  const head = `${seen.method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${seen.passed}${added(seen)}${seen.upgrade ?? ""}${framing.line}\r\n`;
  return {
    request: {
      method: seen.method,
      head,
      body: framing.kind,
      upgrade: seen.upgrade !== undefined,
      sni,
      responseTimeoutMs: plan.requestTimeoutS.value * 1000,
    },
    host,
    target,
  };
}

function added({ forwardedFor, place, host, originalTarget, transactionId }: RequestSeen): string {
  const address = `${place.address}:${place.port}`;
  const chain = forwardedFor === "" ? address : `${forwardedFor}, ${address}`;
  const scheme = place.tls === undefined ? "http" : "https";
  return `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Port: ${place.frontendPort}\r\nX-Original-Host: ${host}\r\nX-Original-URL: ${originalTarget}\r\nX-Appgw-Trace-Id: ${transactionId}\r\n`;
}

/** A body that is all here has a length, however it came. */
function framingOf(
  { body, contentLength }: RequestSeen,
  kept: RequestBody,
): { readonly kind: ForwardedRequest["body"]; readonly line: string } {
  if (body === "none") return { kind: "none", line: contentLength === 0 ? "Content-Length: 0\r\n" : "" };
  if (body === "length") return { kind: "length", line: `Content-Length: ${contentLength ?? 0}\r\n` };
  if (kept.ended && kept.whole) return { kind: "length", line: `Content-Length: ${kept.bytes}\r\n` };
  return { kind: "chunked", line: "Transfer-Encoding: chunked\r\n" };
}

function withoutPort(host: string): string {
  const colon = host.startsWith("[") ? -1 : host.indexOf(":");
  return colon < 0 ? host : host.slice(0, colon);
}
