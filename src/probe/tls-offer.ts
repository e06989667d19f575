import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { HandshakePlan } from "../wire/tls/handshake.ts";
import { mostReceivedBytes } from "./limits.ts";

/**
 * What is offered to a server. The vendor lists suites for clients only, and says that v2 has no DHE
 * (causes-of-502.md, `tls-cipher`); it does not say what the gateway offers to servers. So here stands everything that
 * its lists for clients have and v2 can speak: the suites of TLS 1.3, ECDHE with AES, and AES with the server's RSA key
 * alone, which a gateway of today may no longer offer. Rather one suite too many: a server is not called broken for
 * want of one that the gateway might have, while a server that has nothing but DHE is found.
 */
const gatewaySuites = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  ...["ECDHE-ECDSA-", "ECDHE-RSA-", ""].flatMap((exchange) => [
    `${exchange}AES256-GCM-SHA384`,
    `${exchange}AES128-GCM-SHA256`,
    `${exchange}AES256-${exchange === "" ? "SHA256" : "SHA384"}`,
    `${exchange}AES128-SHA256`,
    `${exchange}AES256-SHA`,
    `${exchange}AES128-SHA`,
  ]),
];

/**
 * Only of v2 it is said that it has no DHE: a v1 gateway is taken to have it beside the others, so that a server with
 * nothing else is not called broken for it.
 */
const gatewayV1Suites = [
  ...gatewaySuites,
  "DHE-RSA-AES256-GCM-SHA384",
  "DHE-RSA-AES128-GCM-SHA256",
  "DHE-RSA-AES256-SHA256",
  "DHE-RSA-AES128-SHA256",
  "DHE-RSA-AES256-SHA",
  "DHE-RSA-AES128-SHA",
];

/** Everything that proves who the server is; without proof, as `aNULL` has it, there would be no certificate to see. */
const allSuites = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_128_CCM_SHA256",
  "TLS_AES_128_CCM_8_SHA256",
  "ALL",
  "!aNULL",
  "!eNULL",
];

const suites = { gateway: gatewaySuites, "gateway-v1": gatewayV1Suites, all: allSuites };

/** Small, as of a client that knows no post-quantum groups: its ClientHello fits in one packet. */
const gatewayGroups = ["X25519", "P-256", "P-384", "P-521"];

/** The first is what a key share is sent for: the large ones stand behind. */
const allGroups = [
  ...gatewayGroups,
  "X448",
  "brainpoolP256r1",
  "brainpoolP384r1",
  "brainpoolP512r1",
  "ffdhe2048",
  "ffdhe3072",
  "ffdhe4096",
  "X25519MLKEM768",
];

/**
 * Old signatures, short keys and TLS below 1.2 are otherwise refused by the library itself, before anybody has seen
 * what the server does. What is offered is said by versions and suites.
 */
const noOpinion = "@SECLEVEL=0";

/** The handshake of an exchange. HTTP/1.1 needs no ALPN. */
export function handshakeOf({ sni, tls, manner }: ExchangePlan, timeoutMs: number): HandshakePlan {
  const ciphers = tls?.ciphers ?? "gateway";
  return {
    serverName: sni,
    alpn: manner.httpVersion === "HTTP/2" ? ["h2"] : [],
    minVersion: tls?.minVersion ?? "TLSv1.2",
    maxVersion: tls?.maxVersion ?? "TLSv1.3",
    ciphers: [...suites[ciphers], noOpinion].join(":"),
    groups: (ciphers === "all" ? allGroups : gatewayGroups).join(":"),
    timeoutMs,
    mostBytes: mostReceivedBytes,
  };
}
