import { endingTexts } from "../gateway/explain/ending-words.ts";
import type { KeptExchange } from "../gateway/explain/kept-exchange.ts";
import type { Attempt } from "../model/attempt.ts";
import { Page } from "../report/text/page.ts";
import type { TextStyle } from "../report/text/style.ts";

const labelColumns = 12;

/** What became of one exchange, for people: what was asked, how it ended and why, and each attempt. Of targets the path alone. */
export function exchangeWords(record: KeptExchange, style: TextStyle): string {
  const { ending, cause, fault, limit, noServer, errorInfo, attempts, layer4 } = record;
  const page = new Page(style);
  const say = (label: string, text: string): void => page.write(text, { lead: label.padEnd(labelColumns) });
  page.write(`${askedOf(record)}: ${record.status} after ${lengthOf(record.tookMs)}`, { tone: "heading" });
  say("Ending", `${ending}: ${(endingTexts[ending]?.means ?? "").replaceAll("`", "")}`);
  if (fault !== undefined)
    say(
      "Fault",
      `${fault.kind}${fault.offset === undefined ? "" : ` at byte ${fault.offset} of the request`}`,
    );
  if (limit !== undefined) say("Limit", limit);
  if (noServer !== undefined) say("Servers", noServerWords[noServer]);
  if (errorInfo !== undefined) say("Log says", errorInfo);
  if (cause !== undefined) say("Cause", cause);
  attempts.forEach((attempt, index) => {
    say(`Attempt ${index + 1}`, attemptWords(attempt, layer4 !== undefined));
  });
  return page.text();
}

const noServerWords: Readonly<Record<NonNullable<KeptExchange["noServer"]>, string>> = {
  "pool-empty": "the pool has none",
  "none-healthy": "none was healthy by its probes, of those that the operator had not taken out",
  "taken-out":
    "all had been taken out by the operator; POST /servers/POOL~SETTING/ADDRESS/enable puts one back",
  "all-tried": "all had been tried",
};

function askedOf({ method, originalTarget, listener, clientPort, layer4 }: KeptExchange): string {
  const at = listener === undefined ? "" : ` to listener ${listener}`;
  if (layer4 !== undefined) return `Connection from port ${clientPort}${at}`;
  return `${method === "" ? "A request that could not be read" : `${method} ${originalTarget.replace(/\?.*$/s, "")}`}${at}`;
}

function attemptWords(attempt: Attempt, carried: boolean): string {
  const { server, connection, failure, status, startedMs, endedMs } = attempt;
  const detail = failure?.detail === undefined ? "" : ` (${failure.detail})`;
  const offset = failure?.offset === undefined ? "" : ` at byte ${failure.offset}`;
  const answered = carried || status === undefined ? "went well" : `answered ${status}`;
  const what = failure === undefined ? answered : `${failure.kind}${detail}${offset}`;
  return `${server}, ${connection}: ${what} after ${lengthOf(endedMs - startedMs)}`;
}

function lengthOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
