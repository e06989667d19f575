import type { ClientCertificateFacts, RequestView, ResponseFacts } from "./facts.ts";

/** Reads one variable; empty = it has no value here. */
export type ReadVariable = (view: RequestView, response: ResponseFacts | undefined) => string;

/** Where a variable gets its value: only with the answer of the server, or before. */
export interface Variable {
  readonly side: "request" | "response";
  readonly read: ReadVariable;
}

const certificate =
  (field: keyof ClientCertificateFacts): ReadVariable =>
  ({ facts }) =>
    facts.clientCertificate?.[field] ?? "";

/** request-handling.md §5, by name without `var_`. */
const requestVariables: ReadonlyMap<string, ReadVariable> = new Map<string, ReadVariable>([
  ["add_x_forwarded_for_proxy", forwardedFor],
  ["ciphers_supported", ({ facts }) => facts.tls?.offeredCiphers ?? ""],
  ["ciphers_used", ({ facts }) => facts.tls?.cipher ?? ""],
  ["client_ip", ({ facts }) => facts.clientAddress],
  ["client_port", ({ facts }) => String(facts.clientPort)],
  ["client_tcp_rtt", ({ facts }) => (facts.clientRttUs === undefined ? "" : String(facts.clientRttUs))],
  ["client_user", clientUser],
  ["host", ({ host }) => withoutPort(host)],
  ["http_method", ({ facts }) => facts.method],
  ["http_version", ({ facts }) => facts.httpVersion],
  ["query_string", ({ query }) => query ?? ""],
  ["received_bytes", ({ facts }) => String(facts.receivedBytes)],
  ["request_query", ({ facts }) => queryOf(facts.target)],
  ["request_scheme", ({ facts }) => facts.scheme],
  ["request_uri", ({ facts }) => facts.target],
  ["server_port", ({ facts }) => String(facts.serverPort)],
  ["ssl_connection_protocol", ({ facts }) => facts.tls?.protocol ?? ""],
  ["ssl_enabled", ({ facts }) => (facts.tls === undefined ? "" : "On")],
  ["uri_path", ({ path }) => path],
  ["client_certificate", certificate("pem")],
  ["client_certificate_end_date", certificate("endDate")],
  ["client_certificate_fingerprint", certificate("fingerprint")],
  ["client_certificate_issuer", certificate("issuer")],
  ["client_certificate_serial", certificate("serial")],
  ["client_certificate_start_date", certificate("startDate")],
  ["client_certificate_subject", certificate("subject")],
  ["client_certificate_verification", ({ facts }) => facts.clientCertificate?.verification ?? "NONE"],
]);

const responseVariables: ReadonlyMap<string, ReadVariable> = new Map<string, ReadVariable>([
  ["http_status", (_, response) => (response === undefined ? "" : String(response.status))],
  ["sent_bytes", (_, response) => (response === undefined ? "" : String(response.sentBytes))],
]);

/**
 * The variable of this name, as conditions and values write it: `http_req_Accept`, `http_resp_Location`,
 * `var_uri_path`, `var_cookie_session`. Undefined = there is none.
 */
export function variableNamed(written: string): Variable | undefined {
  if (written.startsWith("http_req_")) {
    const lower = written.slice("http_req_".length).toLowerCase();
    return lower === "" ? undefined : { side: "request", read: (view) => view.field(lower) ?? "" };
  }
  if (written.startsWith("http_resp_")) {
    const lower = written.slice("http_resp_".length).toLowerCase();
    return lower === ""
      ? undefined
      : { side: "response", read: (_, response) => response?.field(lower) ?? "" };
  }
  if (!written.startsWith("var_")) return undefined;
  const name = written.slice("var_".length);
  const known = requestVariables.get(name.toLowerCase());
  if (known !== undefined) return { side: "request", read: known };
  const late = responseVariables.get(name.toLowerCase());
  if (late !== undefined) return { side: "response", read: late };
  if (!/^cookie_./i.test(name)) return undefined;
  const cookie = name.slice("cookie_".length);
  return { side: "request", read: (view) => cookieNamed(view.field("cookie") ?? "", cookie) };
}

/** The chain of addresses with the client's at its end, without its port. */
function forwardedFor(view: RequestView): string {
  const before = view.facts.field("x-forwarded-for");
  const { clientAddress } = view.facts;
  return before === undefined || before === "" ? clientAddress : `${before}, ${clientAddress}`;
}

/** The user of Basic authentication (RFC 7617 §2). */
function clientUser(view: RequestView): string {
  const [scheme = "", credentials = ""] = (view.field("authorization") ?? "").split(" ", 2);
  if (scheme.toLowerCase() !== "basic") return "";
  const pair = Buffer.from(credentials, "base64").toString("latin1");
  const colon = pair.indexOf(":");
  return colon < 0 ? "" : pair.slice(0, colon);
}

function withoutPort(host: string): string {
  if (host.startsWith("[")) return host.slice(0, host.indexOf("]") + 1);
  const colon = host.indexOf(":");
  return colon < 0 ? host : host.slice(0, colon);
}

function queryOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? "" : target.slice(mark + 1);
}

/** The first cookie of this name, case and all (RFC 6265 §5.4). */
function cookieNamed(header: string, name: string): string {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals >= 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return "";
}
