import type { Generation } from "../../model/gateway.ts";
import { keptFirstBytes } from "../../model/kept-values.ts";
import type { Route } from "../../routing/routes.ts";
import type { Attempt, ExchangeRecord, RequestFault } from "../exchange/exchange-record.ts";
import { causeOfFailure } from "../explain/cause-of-failure.ts";
import { jsonText } from "./json-text.ts";

/**
 * What Causeway says beyond the vendor's fields: the member `causeway` at the end of a row. The attempts are listed when
 * there was more than one, or one that failed; otherwise the row's own fields tell it all.
 */
export function ownFields(
  { ending, cause, fault, limit, route, attempts, layer4 }: ExchangeRecord,
  generation: Generation,
): string {
  const [only] = attempts;
  const uneventful = ending === "--" && cause === undefined && attempts.length === 1;
  if (uneventful && route !== undefined && only !== undefined && only.failure === undefined)
    return textsOf(route)[only.connection];
  let text = `"causeway":{"ending":"${ending}"`;
  if (cause !== undefined) text += `,"cause":"${cause}"`;
  if (fault !== undefined) text += faultText(fault);
  if (limit !== undefined) text += `,"limit":"${limit}"`;
  if (route !== undefined) text += `,"route":${jsonText(route.id)}`;
  const [first] = attempts;
  if (first === undefined) return `${text}}`;
  text += `,"connection":"${(attempts[attempts.length - 1] ?? first).connection}"`;
  if (attempts.length === 1 && first.failure === undefined) return `${text}}`;
  return `${text},"attempts":[${attempts.map((one) => attemptText(one, generation, layer4 !== undefined)).join(",")}]}`;
}

function faultText({ kind, offset }: RequestFault): string {
  return `,"fault":"${kind}"${offset === undefined ? "" : `,"offset":${offset}`}`;
}

/** What most rows of a route end with. */
type UneventfulTexts = Readonly<Record<Attempt["connection"], string>>;

const uneventfulTexts = new WeakMap<Route, UneventfulTexts>();

function textsOf(route: Route): UneventfulTexts {
  const known = uneventfulTexts.get(route);
  if (known !== undefined) return known;
  const start = `"causeway":{"ending":"--","route":${jsonText(route.id)},"connection":`;
  const texts: UneventfulTexts = { fresh: `${start}"fresh"}`, reused: `${start}"reused"}` };
  uneventfulTexts.set(route, texts);
  return texts;
}

/** Times are milliseconds since the exchange began. */
function attemptText(attempt: Attempt, generation: Generation, carried: boolean): string {
  const { server, member, connection, status, bytesSent, failure } = attempt;
  let text = `{"server":${jsonText(server)},"member":${jsonText(member)},"connection":"${connection}"`;
  for (const [name, value] of timesOf(attempt))
    if (value !== undefined) text += `,"${name}":${rounded(value)}`;
  if (status !== undefined) text += `,"status":${status}`;
  text += `,"bytesSent":${bytesSent}`;
  if (failure === undefined) return `${text}}`;
  text += `,"failure":"${failure.kind}"`;
  if (failure.detail !== undefined) text += `,"detail":${jsonText(failure.detail)}`;
  if (failure.offset !== undefined) text += `,"offset":${failure.offset}`;
  if (failure.firstBytes !== undefined) text += `,"firstBytes":"${keptBytesOf(failure.firstBytes)}"`;
  const cause = causeOfFailure(failure, generation, carried);
  if (cause !== undefined) text += `,"cause":"${cause}"`;
  return `${text},"nothingSent":${failure.nothingSent},"stale":${failure.stale}}`;
}

/** As recordings keep them: the protocol shows, nothing that is secret does. */
function keptBytesOf(firstBytes: Buffer): string {
  return keptFirstBytes(firstBytes.subarray(0, 64).toString("base64"));
}

function timesOf(attempt: Attempt): readonly (readonly [string, number | undefined])[] {
  return [
    ["idleMs", attempt.idleMs],
    ["startedMs", attempt.startedMs],
    ["dnsMs", attempt.dnsMs],
    ["connectedMs", attempt.connectedMs],
    ["tlsMs", attempt.tlsMs],
    ["sentMs", attempt.sentMs],
    ["firstByteMs", attempt.firstByteMs],
    ["endedMs", attempt.endedMs],
  ];
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
