import {
  type VendorMetric,
  vendorMetrics,
  vendorMetricsLeftOut,
} from "../../src/gateway/metrics/vendor-metrics.ts";

const served: readonly VendorMetric[] = Object.values(vendorMetrics);

/** docs/metrics.md: what `/metrics` of the admin port has. */
export function metricsPage(): string {
  return [
    "# Metrics",
    "",
    "`causeway run --admin ADDRESS:PORT` has them at `/metrics`, in the Prometheus text format. Written by `npm run generate` from",
    "the table that the gateway itself uses.",
    "",
    "## The vendor's",
    "",
    "Names are the vendor's in lower case with `azure_` before them; labels are the vendor's dimensions. Times are histograms, of",
    "which average and quantiles can be taken; the vendor gives average and maximum of a minute.",
    "",
    "| The vendor calls it | Metric | Kind | Labels | What is measured |",
    "|---|---|---|---|---|",
    ...served.map(
      ({ vendor, name, kind, labels, about }) =>
        `| ${vendor} | \`${name}\` | ${kind} | ${labels.length === 0 ? "–" : labels.map((one) => `\`${one}\``).join(", ")} | ${about} |`,
    ),
    "",
    "`backend_server` is the address and port that were connected to, `backend_settings_pool` a pool and its setting,",
    "`pool~setting`. Connections of layer 4 are no requests: of the metrics above they count in those of bytes, TLS, connecting,",
    "first bytes and hosts, and in their own two.",
    "",
    "Not served:",
    "",
    "| The vendor calls it | Why |",
    "|---|---|",
    ...Object.entries(vendorMetricsLeftOut).map(([vendor, why]) => `| ${vendor} | ${why} |`),
    "",
    "## Causeway's own",
    "",
    "| Metric | Labels | |",
    "|---|---|---|",
    "| `causeway_exchanges` | `ending` | exchanges, and connections of layer 4, by the two letters of docs/endings.md |",
    "| `causeway_failures` | `cause`, `route` | those that failed, by cause; `unknown` where nothing tells |",
    "| `causeway_attempts` | `server`, `connection`, `failure` | attempts at servers; `failure` is empty where it went well |",
    "| `causeway_handshakes`, `causeway_requests` | – | TLS handshakes, and requests and tunnels, that are under way |",
    "| `causeway_refusals` | `limit` | connections, handshakes and requests that were refused |",
    "| `causeway_overload_level`, `causeway_overload_reading` | `resource` | how short the process is, and of what |",
    "| `causeway_repeats` | `server`, `failure`, `cause`, `answered` | failed attempts after which another was made, and whether a server answered in the end |",
    "",
  ].join("\n");
}
