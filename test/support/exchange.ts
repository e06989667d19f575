import { asGateway } from "../../src/health/exchange.ts";
import type { ExchangePlan, Manner, TlsOffer } from "../../src/model/exchange-plan.ts";
import type { ProbeObservation } from "../../src/model/probe-observation.ts";
import { systemClock } from "../../src/probe/clock.ts";
import { connectTcp } from "../../src/probe/connect.ts";
import {
  type CannotSend,
  type ExchangeToSend,
  type ProbeMeans,
  sendExchange,
} from "../../src/probe/send-exchange.ts";
import { handshake } from "../../src/wire/tls/handshake.ts";

type Wish = Partial<Omit<ExchangePlan, "manner" | "tls">> & {
  readonly manner?: Partial<Manner>;
  readonly tls?: Partial<TlsOffer>;
};

const isTls = (protocol: ExchangePlan["protocol"]): boolean => protocol === "Https" || protocol === "Tls";

/** An exchange as a gateway would make it, but for what is wished. */
export function exchangePlan(wish: Wish): ExchangePlan {
  const { manner, tls, ...rest } = wish;
  const protocol = wish.protocol ?? "Http";
  const offer = { minVersion: "TLSv1.2", maxVersion: "TLSv1.3", ciphers: "gateway", ...tls } as const;
  return {
    purpose: "request",
    protocol,
    port: 80,
    method: "GET",
    path: "/",
    host: "app.contoso.com",
    sni: isTls(protocol) ? "app.contoso.com" : undefined,
    tls: isTls(protocol) ? offer : undefined,
    timeoutMs: 5_000,
    lookFor: undefined,
    client: undefined,
    clientFields: [],
    manner: { ...asGateway, ...manner },
    ...rest,
  };
}

/** The network as it is; no name may be asked. */
export const plainMeans: ProbeMeans = {
  resolve: () => Promise.reject(new Error("not to be asked")),
  connect: connectTcp,
  openTls: handshake,
  clock: systemClock,
  userAgent: "causeway/test",
  signal: undefined,
};

/** Sends to 127.0.0.1 unless told otherwise. */
export function sendPlan(
  wish: Wish,
  means: Partial<ProbeMeans> = {},
  to: Partial<ExchangeToSend> = {},
): Promise<ProbeObservation | CannotSend> {
  const exchange = { plan: exchangePlan(wish), target: "127.0.0.1", fromAddress: undefined, ...to };
  return sendExchange(exchange, { ...plainMeans, ...means });
}

/** As `sendPlan`; throws when nothing was sent. */
export async function observePlan(...args: Parameters<typeof sendPlan>): Promise<ProbeObservation> {
  const observation = await sendPlan(...args);
  if ("notSent" in observation) throw new Error(`${observation.notSent}: ${observation.detail}`);
  return observation;
}
