import type { ArrivingRequest } from "../../routing/request-route.ts";
import { upgradeLines } from "../../wire/http1/hop-by-hop.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ClientPlace } from "./client-side.ts";
import { joinedField, KeptFields, type RequestFields } from "./kept-fields.ts";

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
  /** Good until the exchange is over. */
  readonly fields: RequestFields;
  readonly body: "none" | "length" | "chunked";
  readonly contentLength: number | undefined;
  /** The protocol that is asked for; undefined = none, or none that is passed on. */
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
  const { method, contentLength } = head;
  // The reader writes trailers where the fields of the head stood.
  const fields = head.body === "chunked" ? new KeptFields(head.fields.list()) : head.fields;
  const target = head.form === "absolute" ? originForm(head.target) : head.target;
  const host = head.host ?? "";
  return {
    transactionId,
    place,
    httpVersion: place.http2 ? "HTTP/2.0" : head.minorVersion === 0 ? "HTTP/1.0" : "HTTP/1.1",
    method,
    originalTarget: head.target,
    target,
    host,
    fields,
    body: head.body === "length" || head.body === "chunked" ? head.body : "none",
    contentLength,
    upgrade: head.upgrade && upgradeLines(head.fields) !== undefined ? fields.get("upgrade") : undefined,
    asksH2c: head.upgrade && isH2c(fields.get("upgrade") ?? ""),
    cookies: joinedField(fields, "cookie") ?? "",
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

const isH2c = (value: string): boolean => value.split(",").some((one) => one.trim().toLowerCase() === "h2c");
