import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import { isOwnShortage } from "../upstream/failures.ts";
import type { Ending } from "./exchange-record.ts";

/** docs/gateway-phases.md, "How an exchange ends". */
const endings: Readonly<Record<AttemptFailure["kind"], Ending>> = {
  dns: "NC",
  "connect-refused": "SC",
  "connect-timeout": "sC",
  "connect-unreachable": "SC",
  "connect-reset": "SC",
  "connect-failed": "SC",
  "tls-alert": "ST",
  "tls-not-tls": "ST",
  "tls-timeout": "sT",
  "tls-closed": "ST",
  "tls-certificate": "PT",
  "tls-failed": "ST",
  "send-reset": "SH",
  "response-timeout": "sH",
  "response-reset": "SH",
  "response-closed": "SH",
  "response-invalid": "PH",
  "relay-timeout": "sD",
  "relay-reset": "SD",
  "relay-closed": "SD",
  "relay-invalid": "PD",
  "response-drained": "OH",
  "relay-drained": "OD",
  aborted: "CH",
};

export function endingOfFailure(failure: AttemptFailure): Ending {
  if (isOwnShortage(failure)) return "IC";
  // Its connection was still being made.
  if (failure.kind === "response-drained" && failure.nothingSent) return "OC";
  return endings[failure.kind];
}

/** How a tunnel ends whose server failed or was taken out, or over which nothing came for `requestTimeout`. */
export function endingOfTunnel({ kind }: AttemptFailure): Ending {
  if (kind === "relay-drained") return "OU";
  return kind === "relay-timeout" ? "sU" : "SU";
}

/** In which phase a client left that was waiting for this attempt's response. */
export function endingOfLeaving(attempt: Attempt | undefined): Ending {
  if (attempt === undefined) return "CR";
  if (attempt.status !== undefined) return "CD";
  return attempt.connectedMs === undefined && attempt.connection === "fresh" ? "CC" : "CH";
}
