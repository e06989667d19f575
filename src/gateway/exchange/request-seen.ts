import type { ArrivingRequest } from "../../routing/request-route.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import { upgradeLines } from "../../wire/http1/hop-by-hop.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ClientPlace } from "./client-side.ts";
import { passedLines } from "./relay-head.ts";

/** One request of a client as the phases after reading see it. */
export interface RequestSeen {
  readonly transactionId: string;
  readonly place: ClientPlace;
  readonly httpVersion: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2.0";
  readonly method: string;
  /** As received. */
  readonly originalTarget: string;
  /** In origin form, with the query; `*` stays. */
  readonly target: string;
  /** Empty in HTTP/1.0 without one. */
  readonly host: string;
  /** The field lines that go on to servers as they are. */
  readonly passed: string;
  /** The `X-Forwarded-For` fields together. */
  readonly forwardedFor: string;
  readonly body: "none" | "length" | "chunked";
  readonly contentLength: number | undefined;
  /** The lines that ask for another protocol; undefined = it is not asked for, or not passed on. */
  readonly upgrade: string | undefined;
  /** It asks for HTTP/2 on this connection. */
  readonly asksH2c: boolean;
  /** The `Cookie` fields together. */
  readonly cookies: string;
  /** The client waits to be told to send its body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  readonly userAgent: string;
  readonly contentType: string;
  readonly arriving: ArrivingRequest;
}

export function seen(head: RequestHead, transactionId: string, place: ClientPlace): RequestSeen {
  const { method, fields, contentLength } = head;
  const target = head.form === "absolute" ? originForm(head.target) : head.target;
  const host = head.host ?? "";
  return {
    transactionId,
    place,
    httpVersion: head.minorVersion === 0 ? "HTTP/1.0" : "HTTP/1.1",
    method,
    originalTarget: head.target,
    target,
    host,
    passed: passedLines(fields),
    forwardedFor: joined(fields, "x-forwarded-for", ", "),
    body: head.body === "length" || head.body === "chunked" ? head.body : "none",
    contentLength,
    upgrade: head.upgrade ? upgradeLines(fields) : undefined,
    asksH2c: head.upgrade && isH2c(fields.get("upgrade") ?? ""),
    cookies: joined(fields, "cookie", "; "),
    expectsContinue: head.minorVersion === 1 && fields.get("expect")?.toLowerCase() === "100-continue",
    userAgent: fields.get("user-agent") ?? "",
    contentType: fields.get("content-type") ?? "",
    arriving: {
      scheme: place.tls === undefined ? "http" : "https",
      host,
      path: target === "*" ? "/" : target,
      method,
      port: place.frontendPort,
      frontend: place.frontend,
    },
  };
}

/** Without scheme and authority (RFC 9112 §3.2.2). */
function originForm(target: string): string {
  const start = target.indexOf("//") + 2;
  for (let at = start; at < target.length; at++) {
    if (target[at] === "/") return target.slice(at);
    if (target[at] === "?") return `/${target.slice(at)}`;
  }
  return "/";
}

function joined(fields: HeaderFields, lower: string, separator: string): string {
  const first = fields.find(lower);
  if (first < 0) return "";
  let values = fields.value(first);
  for (let at = fields.find(lower, first + 1); at >= 0; at = fields.find(lower, at + 1)) {
    values += `${separator}${fields.value(at)}`;
  }
  return values;
}

const isH2c = (value: string): boolean => value.split(",").some((one) => one.trim().toLowerCase() === "h2c");
