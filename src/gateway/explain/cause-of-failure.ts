import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { causeOfFaultNamed } from "../../health/certificates/chain-causes.ts";
import { isHttp1, isHttp2, isTlsAlert, serviceOf } from "../../health/first-bytes.ts";
import type { AttemptFailure } from "../../model/attempt.ts";
import type { Generation } from "../../model/gateway.ts";

/** The cause, or how it is told from what else is known; undefined = the failure alone does not tell. */
type CauseRule =
  | CauseId
  | undefined
  | ((failure: AttemptFailure, generation: Generation) => CauseId | undefined);

/**
 * What a failed attempt means, as far as the gateway itself can tell; the one table. Where several causes end alike and
 * nothing that was seen tells them apart there is none: the diagnosis of `/explain` may know more.
 */
export const failureCauses: Readonly<Record<AttemptFailure["kind"], CauseRule>> = {
  dns: ({ detail }) => causeOfName(detail),
  "connect-refused": "tcp-refused",
  // Whoever dropped it: a firewall, a group, a route, or nobody is there.
  "connect-timeout": undefined,
  "connect-unreachable": ({ detail }) => (detail === "EHOSTUNREACH" ? "backend-down" : undefined),
  "connect-reset": undefined,
  // No local port is left towards this server.
  "connect-failed": ({ detail }) => (detail === "EADDRNOTAVAIL" ? "snat-exhaustion" : undefined),
  "tls-alert": ({ detail }) => causeOfLiveAlert(detail),
  "tls-not-tls": ({ firstBytes }) => causeOfNoTls(firstBytes),
  "tls-timeout": undefined,
  "tls-closed": undefined,
  "tls-certificate": ({ detail }) => causeOfLiveCertificate(detail),
  "tls-failed": undefined,
  "send-reset": causeOfCut,
  "response-timeout": (_, generation) => timeoutOf(generation),
  "response-reset": causeOfCut,
  "response-closed": causeOfCut,
  "response-invalid": ({ detail, firstBytes }) => causeOfFraming(detail, firstBytes?.toString("latin1")),
  "relay-timeout": (_, generation) => timeoutOf(generation),
  "relay-reset": "http-reset-midway",
  "relay-closed": "http-reset-midway",
  "relay-invalid": ({ detail }) => causeOfFraming(detail, "HTTP/1.1"),
  "response-drained": "drain-too-short",
  "relay-drained": "drain-too-short",
  aborted: undefined,
};

/** `carried`: for a connection of layer 4, which asks for the same name as its probe: they do not differ. */
export function causeOfFailure(
  failure: AttemptFailure,
  generation: Generation,
  carried = false,
): CauseId | undefined {
  if (carried && failure.kind === "tls-certificate") return causeOfFaultNamed(failure.detail ?? "");
  if (carried && failure.kind === "tls-alert") return causeOfAlert(failure.detail);
  const rule = failureCauses[failure.kind];
  return typeof rule === "function" ? rule(failure, generation) : rule;
}

function timeoutOf(generation: Generation): CauseId {
  return generation === "v1" ? "timeout-v1" : "timeout-v2";
}

function causeOfCut({ stale }: AttemptFailure): CauseId {
  return stale ? "keepalive-race" : "http-reset-midway";
}

/** By what the resolver said: an rcode of DNS (RFC 1035 §4.1.1), or the name of its failure. */
export function causeOfName(said: string | undefined): CauseId | undefined {
  switch (said) {
    case "NXDOMAIN":
    case "ENOTFOUND":
    case "NOERROR":
    case "ENODATA":
      return "dns-fqdn-wrong";
    case "SERVFAIL":
    case "ESERVFAIL":
    case "REFUSED":
    case "EREFUSED":
      return "dns-custom-cannot-resolve";
    case "ETIMEOUT":
    case "ETIMEDOUT":
    case "ECONNREFUSED":
    case "EAI_AGAIN":
      return "dns-server-unreachable";
    default:
      return undefined;
  }
}

/** By the alert's registered name (RFC 8446 §6.2); most of them have many reasons. */
export function causeOfAlert(alert: string | undefined): CauseId | undefined {
  switch (alert) {
    case "protocol_version":
      return "tls-version";
    case "insufficient_security":
      return "tls-cipher";
    case "certificate_required":
      return "tls-client-cert-required";
    default:
      return undefined;
  }
}

/** The server was healthy, so its probe accepts the certificate: requests ask for another name. */
/** The server was healthy, so it knows the name that its probe asks for. */
function causeOfLiveAlert(alert: string | undefined): CauseId | undefined {
  return alert === "unrecognized_name" ? "tls-live-name-mismatch" : causeOfAlert(alert);
}

function causeOfLiveCertificate(fault: string | undefined): CauseId | undefined {
  if (fault === "name-mismatch") return "tls-live-name-mismatch";
  return fault === undefined ? undefined : causeOfFaultNamed(fault);
}

export function causeOfNoTls(firstBytes: Buffer | undefined): CauseId | undefined {
  const bytes = firstBytes?.toString("latin1") ?? "";
  if (isHttp1(bytes)) return "protocol-tls-to-http";
  return serviceOf(bytes) === undefined ? undefined : "backend-not-http";
}

const ofSize: ReadonlySet<string> = new Set([
  "head-too-large",
  "line-too-long",
  "field-too-long",
  "too-many-fields",
  "trailers-too-large",
]);
const ofStart: ReadonlySet<string> = new Set(["invalid-status-line", "version-unsupported"]);

/** By the fault's name in `wire`, and the first bytes that came, a character a byte. */
export function causeOfFraming(fault: string | undefined, bytes: string | undefined): CauseId | undefined {
  if (fault === undefined) return undefined;
  if (ofSize.has(fault)) return "http-header-too-big";
  if (fault === "body-after-no-body-status") return "http-204-body";
  if (fault === "truncated") return "http-reset-midway";
  if (bytes !== undefined && !isHttp1(bytes)) {
    if (isTlsAlert(bytes)) return "protocol-http-to-tls";
    if (isHttp2(bytes)) return "http2-grpc-only";
    return serviceOf(bytes) === undefined ? undefined : "backend-not-http";
  }
  return ofStart.has(fault) && bytes === undefined ? undefined : "http-invalid-header";
}
