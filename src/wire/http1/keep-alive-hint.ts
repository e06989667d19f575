import { isDigit, matchesAt } from "./bytes.ts";
import type { HeaderFields } from "./fields.ts";

const TIMEOUT = "timeout=";

/** More than anybody waits: nine digits. */
const MAX_DIGITS = 9;

/**
 * After how many seconds without a request a server will close the connection, as `Keep-Alive: timeout=N` says; the
 * least of several. Undefined when it says nothing that can be understood.
 */
export function keepAliveTimeoutS(fields: HeaderFields): number | undefined {
  let least: number | undefined;
  for (let at = fields.find("keep-alive"); at >= 0; at = fields.find("keep-alive", at + 1)) {
    for (const parameter of fields.value(at).split(",")) {
      const seconds = secondsOf(parameter.trim());
      if (seconds !== undefined && (least === undefined || seconds < least)) least = seconds;
    }
  }
  return least;
}

function secondsOf(parameter: string): number | undefined {
  const digits = parameter.length - TIMEOUT.length;
  if (digits < 1 || digits > MAX_DIGITS || !matchesAt(parameter, 0, TIMEOUT)) return undefined;
  for (let at = TIMEOUT.length; at < parameter.length; at++) {
    if (!isDigit(parameter.charCodeAt(at))) return undefined;
  }
  return Number(parameter.slice(TIMEOUT.length));
}
