import { labelText } from "../metrics/counters.ts";
import { type VendorMetric, vendorMetrics } from "../metrics/vendor-metrics.ts";
import type { GateFigures } from "./gate.ts";
import { resources } from "./overload.ts";

/** The gate in the Prometheus text format. */
export function gateText(gate: GateFigures): string {
  const { overload, refused, connections, connectionsSoFar, webSockets, handshakes, requests } = gate;
  const readings = resources.map(
    (resource) =>
      `causeway_overload_reading${labelText(["resource"], [resource])} ${round(overload.readings[resource])}\n`,
  );
  const refusals = [...refused].map(
    ([limit, count]) => `causeway_refusals${labelText(["limit"], [limit])} ${count}\n`,
  );
  return [
    vendorLines(vendorMetrics.connections, connections),
    vendorLines(vendorMetrics.newConnections, connectionsSoFar),
    vendorLines(vendorMetrics.webSockets, webSockets),
    gauge("causeway_handshakes", "TLS handshakes of clients under way", handshakes),
    gauge("causeway_requests", "Requests and tunnels under way", requests),
    gauge("causeway_overload_level", "0 normal, 1 keep-alive given up, 2 requests refused", overload.level),
    head("causeway_overload_reading", "Use of each resource as a share of its limit", "gauge"),
    ...readings,
    head("causeway_refusals", "Connections, handshakes and requests refused, by limit", "counter"),
    ...refusals,
  ].join("");
}

const head = (name: string, help: string, type: "gauge" | "counter"): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

const gauge = (name: string, help: string, value: number): string =>
  `${head(name, help, "gauge")}${name} ${value}\n`;

const vendorLines = ({ name, vendor, about, kind }: VendorMetric, value: number): string =>
  `# HELP ${name} ${vendor}: ${about}\n# TYPE ${name} ${kind}\n${name} ${value}\n`;

const round = (share: number): number => Math.round(share * 1000) / 1000;
