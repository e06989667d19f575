import type { AnsweredBy } from "../model/attempt.ts";
import type { HttpPhase } from "../model/probe-observation.ts";

/** Who made an answer, as far as it tells. */
export interface AnswerMaker {
  readonly product: string;
  /** `page`: the body is the product's own error page; the others name the response field that tells. */
  readonly by: "page" | "server" | "via";
}

/** Products that answer for others, by the beginning of their `Server` field. */
const proxies: readonly (readonly [field: string, product: string])[] = [
  ["microsoft-azure-application-gateway", "application-gateway"],
  ["awselb", "aws-load-balancer"],
  ["caddy", "caddy"],
  ["causeway", "causeway"],
  ["cloudflare", "cloudflare"],
  ["envoy", "envoy"],
  ["haproxy", "haproxy"],
  ["istio-envoy", "envoy"],
  ["nginx", "nginx"],
  ["openresty", "openresty"],
  ["squid", "squid"],
  ["varnish", "varnish"],
];

/** Statuses that say that somebody behind the one who answers failed. */
const forOthers: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * The product whose own error an answer is. The page tells for every error; `Server` and `Via` only for those statuses
 * that a proxy gives for what is behind it, since they also stand in what it merely passes on.
 */
export function makerOf(http: Pick<HttpPhase, "status" | "pageOf" | "headers">): AnswerMaker | undefined {
  const { status, pageOf, headers } = http;
  if (status === undefined || status < 400) return undefined;
  if (pageOf !== undefined) return { product: pageOf, by: "page" };
  if (!forOthers.has(status)) return undefined;
  const field = (name: string): string | undefined =>
    headers
      .find((header) => header.name.toLowerCase() === name)
      ?.value.trim()
      .toLowerCase();
  const server = field("server") ?? "";
  const known = proxies.find(([beginning]) => server.startsWith(beginning));
  if (known !== undefined) return { product: known[1], by: "server" };
  return field("via") === undefined ? undefined : { product: "another proxy", by: "via" };
}

/** What is known of who made an error that a server answered. */
export function makerFactsOf(answeredBy: AnsweredBy | undefined): Pick<HttpPhase, "headers" | "pageOf"> {
  const { server, via, pageOf } = answeredBy ?? {};
  const headers = [
    { name: "server", value: server },
    { name: "via", value: via },
  ].flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  return { headers, pageOf };
}

/** Products that say 503 where others say 502: nobody behind them takes the request. */
const sayUnavailable: ReadonlySet<string> = new Set([
  "aws-load-balancer",
  "envoy",
  "haproxy",
  "traefik",
  "varnish",
]);

/** The maker of an answer that says that somebody behind it gave no good one. */
export function proxyBefore(http: Parameters<typeof makerOf>[0]): AnswerMaker | undefined {
  const maker = makerOf(http);
  if (maker === undefined) return undefined;
  const { status } = http;
  const unavailable = status === 503 && maker.by === "page" && sayUnavailable.has(maker.product);
  return status === 502 || status === 504 || unavailable ? maker : undefined;
}

/** How a product is called in sentences. */
export function productWords(product: string): string {
  return names[product] ?? product;
}

const names: Readonly<Record<string, string>> = {
  apache: "Apache httpd",
  "app-service": "App Service",
  "application-gateway": "an application gateway",
  "aws-load-balancer": "an AWS load balancer",
  caddy: "Caddy",
  causeway: "Causeway",
  cloudflare: "Cloudflare",
  envoy: "Envoy",
  "front-door": "Azure Front Door",
  haproxy: "HAProxy",
  "http.sys": "HTTP.sys",
  iis: "IIS",
  squid: "Squid",
  traefik: "Traefik",
  varnish: "Varnish",
};
