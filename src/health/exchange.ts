import type { ClientRequest, ExchangePlan, Manner, TlsOffer } from "../model/exchange-plan.ts";
import type { Generation, Protocol } from "../model/gateway.ts";
import { hostFor } from "./forwarded-head.ts";
import { nameOnly, type ProbePlan } from "./probe-plan.ts";
import type { HostChoice, RequestPlan } from "./request-plan.ts";
import type { Switches } from "./switches.ts";

/** Why a plan cannot be sent: the gateway itself would send nothing either, or its documents leave something open. */
export interface NotPlanned {
  readonly notSent: "port-unknown" | "host-rejected" | "host-unknown";
  readonly detail: string;
}

/**
 * Of a response head the gateway takes so much; the vendor gives a number for requests only (gateway-resource.md §6), and
 * this is what is read here for both.
 */
const gatewayHeadBytes = 66 * 1024;

/** The manner of the gateway itself. */
export const asGateway: Manner = {
  httpVersion: "HTTP/1.1",
  afterIdleMs: undefined,
  dripMs: 0,
  headBytes: gatewayHeadBytes,
  connectTo: undefined,
  proxyHeader: false,
  withoutKeepAlive: false,
  attempt: 0,
};

/** What a probe sends, by its plan. */
export function exchangeOfProbe(generation: Generation, plan: ProbePlan): ExchangePlan | NotPlanned {
  const { value: port } = plan.port;
  if (port === undefined) return { notSent: "port-unknown", detail: "neither probe nor setting has a port" };
  const layer7 = isLayer7(plan.protocol);
  if (layer7 && plan.host.rejected)
    return { notSent: "host-rejected", detail: "there is no host name to pick" };
  const { value: host } = plan.host;
  if (layer7 && host === undefined) return { notSent: "host-unknown", detail: "the host name is not known" };
  return {
    purpose: "probe",
    protocol: plan.protocol,
    port,
    method: layer7 ? "GET" : undefined,
    path: layer7 ? (plan.path.value ?? "/") : undefined,
    host: layer7 ? host : undefined,
    sni: plan.sni.value,
    tls: tlsOffer(generation, plan.protocol),
    timeoutMs: plan.timeoutS * 1000,
    lookFor: plan.healthyBody.value === "" ? undefined : plan.healthyBody.value,
    client: undefined,
    clientFields: [],
    manner: plan.proxyHeader ? { ...asGateway, proxyHeader: true } : asGateway,
  };
}

/** A client's request as rules and the path override leave it. */
export interface OnItsWay {
  /** What the server is asked for, query and all. */
  readonly path: string;
  /** The Host that a rewrite rule set; undefined = none did. */
  readonly rewrittenHost: string | undefined;
}

/**
 * What the gateway sends on to a server for a client's request, by the plan of live traffic (request-handling.md §6,
 * §8.2). Whether a Host that a rule set is also the name in the handshake is not documented: the client's stays.
 */
export function exchangeOfRequest(
  generation: Generation,
  plan: RequestPlan,
  client: ClientRequest,
  { path, rewrittenHost }: OnItsWay,
  switches: Pick<Switches, "rewrittenHost">,
): ExchangePlan | NotPlanned {
  const { value: port } = plan.port;
  if (port === undefined) return { notSent: "port-unknown", detail: "the setting has no port" };
  const layer7 = isLayer7(plan.protocol);
  const host = hostFor(plan.host, client.host, rewrittenHost, switches);
  if (layer7 && host === undefined) return { notSent: "host-unknown", detail: "the host name is not known" };
  return {
    purpose: "request",
    protocol: plan.protocol,
    port,
    method: layer7 ? client.method : undefined,
    path: layer7 ? path : undefined,
    host: layer7 ? host : undefined,
    sni: nameOnly(withoutPort(chosen(plan.sni, client))),
    tls: tlsOffer(generation, plan.protocol),
    timeoutMs: plan.requestTimeoutS.value * 1000,
    lookFor: undefined,
    client: { scheme: client.scheme, host: client.host, path: client.path, method: client.method },
    clientFields: [],
    manner: asGateway,
  };
}

function chosen(choice: HostChoice, client: ClientRequest): string | undefined {
  return choice.from === "client" ? client.host : choice.value;
}

/** The host of a Host field: without its port, and an IPv6 literal without its brackets, so that it is known for one. */
function withoutPort(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const literal = /^\[([^\]]*)\]/.exec(host)?.[1];
  return literal ?? host.replace(/:\d*$/, "");
}

/** Towards servers v2 speaks TLS 1.2 and 1.3, v1 1.2 (request-handling.md §8.2). */
function tlsOffer(generation: Generation, protocol: Protocol): TlsOffer | undefined {
  if (!isTls(protocol)) return undefined;
  return {
    minVersion: "TLSv1.2",
    maxVersion: generation === "v1" ? "TLSv1.2" : "TLSv1.3",
    ciphers: generation === "v1" ? "gateway-v1" : "gateway",
  };
}

export const isLayer7 = (protocol: Protocol): boolean => protocol === "Http" || protocol === "Https";
export const isTls = (protocol: Protocol): boolean => protocol === "Https" || protocol === "Tls";

/** The same exchange over the other of plain text and TLS. */
export function overProtocol(generation: Generation, plan: ExchangePlan, protocol: Protocol): ExchangePlan {
  const sni = isTls(protocol) ? (plan.sni ?? nameOnly(withoutPort(plan.host))) : undefined;
  return { ...plan, protocol, sni, tls: tlsOffer(generation, protocol) };
}
