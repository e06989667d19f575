import type { ExchangePlan } from "../model/exchange-plan.ts";

/**
 * Equal for exchanges that ask a server the same. The time given is left out, since what an answer within one time means
 * for another is told by when it came; so are purpose and most of the client: only what is sent counts. Servers are told
 * over which scheme the client came, and answer by it.
 */
export function exchangeKey(target: string, plan: ExchangePlan): string {
  const { protocol, port, method, path, host, sni, tls, client, clientFields, manner } = plan;
  return JSON.stringify([
    target.toLowerCase(),
    [protocol, port, method, path, host, sni],
    tls && [tls.minVersion, tls.maxVersion, tls.ciphers],
    [...clientFields].sort(),
    client?.scheme,
    [
      manner.httpVersion,
      manner.afterIdleMs,
      manner.dripMs,
      manner.headBytes,
      manner.connectTo,
      manner.proxyHeader,
      manner.withoutKeepAlive,
      manner.attempt,
    ],
  ]);
}
