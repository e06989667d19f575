import { asGateway } from "../health/exchange.ts";
import { nameOnly } from "../health/probe-plan.ts";
import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { SendLimiter, sendBounds } from "./limits.ts";
import { type CannotSend, type ProbeMeans, sendExchange } from "./send-exchange.ts";

/** What is sent to one place in every round. */
export interface BypassTarget {
  readonly target: string;
  readonly plan: ExchangePlan;
}

export interface BypassRun {
  /** Undefined = only the servers are asked. */
  readonly gateway: BypassTarget | undefined;
  readonly servers: readonly BypassTarget[];
  readonly tries: number;
  readonly fromAddress: string | undefined;
  /** After each exchange, how many there were. */
  readonly onSent: (done: number) => void;
}

/** How the gateway, and how its servers are reached. */
export interface BypassMeans {
  readonly gateway: ProbeMeans;
  readonly servers: ProbeMeans;
}

export type BypassResult = ProbeObservation | CannotSend;

/** In the order of the tries; one that was interrupted is not there. */
export interface BypassResults {
  readonly gateway: readonly BypassResult[];
  readonly servers: readonly (readonly BypassResult[])[];
  readonly interrupted: boolean;
}

/**
 * Sends the request through the gateway and straight to every server, round by round, so that what changes with time does
 * so for both. A round begins when the one before has ended; within one a bounded number runs at once. What cannot be
 * sent is not tried again. Rejects only when Causeway itself fails.
 */
export async function sendBypass(run: BypassRun, means: BypassMeans): Promise<BypassResults> {
  const limiter = new SendLimiter(sendBounds);
  const gateway: BypassResult[] = [];
  const servers: BypassResult[][] = run.servers.map(() => []);
  let done = 0;
  const send = async (
    { target, plan }: BypassTarget,
    results: BypassResult[],
    by: ProbeMeans,
    key: string,
  ): Promise<void> => {
    if (results.some((result) => "notSent" in result)) return;
    const { fromAddress } = run;
    const result = await limiter.run(key, () => sendExchange({ plan, target, fromAddress }, by), by.signal);
    results.push(result);
    done += 1;
    run.onSent(done);
  };
  for (let round = 0; round < run.tries; round++) {
    const sends = [
      ...(run.gateway === undefined ? [] : [send(run.gateway, gateway, means.gateway, "gateway")]),
      ...run.servers.map((server, index) =>
        send(server, servers[index] ?? [], means.servers, `server ${server.target.toLowerCase()}`),
      ),
    ];
    const outcomes = await Promise.allSettled(sends);
    if (means.gateway.signal?.aborted) return { gateway, servers, interrupted: true };
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
  return { gateway, servers, interrupted: false };
}

/** Where a client would send its request. */
export interface GatewayDoor {
  /** Instead of what the host's name leads to. */
  readonly address: string | undefined;
  readonly port: number;
}

/** The client's own request, as a client would send it to the gateway. */
export function exchangeOfClient(client: ClientRequest, door: GatewayDoor, timeoutMs: number): ExchangePlan {
  const secure = client.scheme === "https" || client.scheme === "wss";
  const webSocket = client.scheme === "ws" || client.scheme === "wss";
  return {
    purpose: "request",
    protocol: secure ? "Https" : "Http",
    port: door.port,
    method: client.method,
    path: client.path,
    host: client.host,
    sni: secure ? nameOnly(hostNameOf(client)) : undefined,
    tls: secure ? { minVersion: "TLSv1.2", maxVersion: "TLSv1.3", ciphers: "all" } : undefined,
    timeoutMs,
    lookFor: undefined,
    // Only gateways tell servers of a client; what asks for a WebSocket is known by its scheme.
    client: webSocket ? client : undefined,
    clientFields: [],
    manner: { ...asGateway, connectTo: door.address },
  };
}

/** The host of a client's request without its port, and without the brackets of IPv6. */
export function hostNameOf({ host }: ClientRequest): string {
  return host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
