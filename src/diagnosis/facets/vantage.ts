import type { Gateway } from "../../model/gateway.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import { parseAddress, parseRange, rangeContains } from "../../network/addresses.ts";
import { isReached } from "../experiment.ts";
import type { Layer } from "../finding.ts";
import type { JudgedExchange, Vantage } from "../live-evidence.ts";

/** Where an exchange was sent from, as security groups and routes see it. */
export function vantageOf({ tcp, fromAddress }: ProbeObservation, gateway: Gateway): Vantage {
  const own = parseAddress(tcp?.localAddress ?? fromAddress ?? "");
  const prefixes = gateway.subnet?.target?.addressPrefixes ?? [];
  const inside =
    own !== undefined &&
    prefixes.some((prefix) => {
      const range = parseRange(prefix);
      return range !== undefined && rangeContains(range, own);
    });
  return inside ? "gateway" : "elsewhere";
}

/**
 * The layers an exchange got past, as far as that holds for the gateway: its groups and routes are not ours, and it would
 * not have asked a server whose certificate it refuses.
 */
export function layersPassed(
  observation: ProbeObservation,
  vantage: Vantage,
  { outcome, kind }: Pick<JudgedExchange, "outcome" | "kind">,
): Layer[] {
  const { dns, tcp, tls, http } = observation;
  const fine = outcome === "fine";
  const network = vantage === "gateway";
  const asked = dns === undefined || dns.answers.some(({ role }) => role === "gateway");
  const answered = http?.outcome === "answered" || (fine && http === undefined);
  return [
    ...(asked && tcp !== undefined ? (["dns"] as const) : []),
    ...(network && isReached(tcp) ? (["nsg", "route"] as const) : []),
    ...(tcp?.outcome === "connected" ? (["tcp"] as const) : []),
    ...(tls?.outcome === "established" && answered && kind !== "certificate" ? (["tls"] as const) : []),
    // What was sent is what the configuration says: wherever it was sent from, that is then well.
    ...(fine ? (["http", "config"] as const) : []),
  ];
}
