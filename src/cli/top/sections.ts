import type { FailureActivity } from "../../gateway/admin/activity-report.ts";
import { fewestDigits } from "../../gateway/explain/transaction-start.ts";
import type { NoServer } from "../../model/own-member.ts";
import { signsOf, type TextStyle, type Tone } from "../../report/text/style.ts";
import type { TopRoute, TopServer } from "./data.ts";
import { rateWords, shareWords, spanWords, timeWords } from "./numbers.ts";
import { isChosen, type TopState } from "./state.ts";
import { type Column, type Piece, wide } from "./table.ts";

const toned = (text: string, tone: Tone | undefined): Piece =>
  tone === undefined ? { text } : { text, tone };

/** What should be nothing is shown as bad when it is not. */
const badRate = (perS: number | null): Piece => toned(rateWords(perS), (perS ?? 0) > 0 ? "bad" : "quiet");

const status = (title: "2xx" | "3xx" | "4xx" | "5xx", from?: number): Column<TopRoute> => ({
  title: title.toUpperCase(),
  right: true,
  ...(from === undefined ? {} : { from }),
  cell: ({ statuses }) => {
    const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    const share = shareWords(statuses[title], all);
    return toned(share, statuses[title] === 0 ? "quiet" : title === "5xx" ? "bad" : undefined);
  },
});

const noRoute = "(no route)";

/** What is known instead of a cause; null: nothing is. */
const noServerWords: Readonly<Record<NoServer, string>> = {
  "pool-empty": "the pool is empty",
  "none-healthy": "no server is healthy",
  "taken-out": "taken out by the operator",
  "all-tried": "all servers were tried",
};

function causeWords({ cause, noServer }: Pick<FailureActivity, "cause" | "noServer">): string | null {
  return cause ?? (noServer === null ? null : noServerWords[noServer]);
}

const undecided = "cause not known";

export const routeColumns: readonly Column<TopRoute>[] = [
  {
    title: "ROUTE",
    least: 12,
    keeps: "end",
    cell: ({ route }) => ({ text: route ?? noRoute }),
  },
  {
    title: "LEADS TO",
    least: 8,
    from: wide,
    cell: ({ leadsTo, pool, setting }) => ({
      text: leadsTo === "pool" ? `${pool}~${setting}` : leadsTo === "redirect" ? "redirect" : "",
    }),
  },
  { title: "REQ/S", right: true, cell: ({ requestsPerS }) => ({ text: rateWords(requestsPerS) }) },
  status("2xx"),
  status("3xx", wide),
  status("4xx"),
  status("5xx"),
  { title: "502/S", right: true, cell: ({ badGatewaysPerS }) => badRate(badGatewaysPerS) },
  { title: "P50", right: true, from: wide, cell: ({ p50Ms }) => ({ text: timeWords(p50Ms) }) },
  { title: "P99", right: true, cell: ({ p99Ms }) => ({ text: timeWords(p99Ms) }) },
  {
    title: "MAIN CAUSE",
    least: 10,
    cell: ({ mainCause }) =>
      mainCause === null
        ? { text: "" }
        : toned(`${causeWords(mainCause) ?? undecided} x${mainCause.count}`, "bad"),
  },
];

const stateTones = {
  up: "good",
  down: "bad",
  kept: "bad",
  aside: "bad",
  draining: "unsure",
  disabled: "unsure",
  leaving: "unsure",
} as const satisfies Readonly<Record<TopServer["state"], Tone>>;

function stateCell({ state }: TopServer, style: TextStyle): Piece {
  const tone = stateTones[state];
  return { text: `${signsOf(style)[tone === "unsure" ? "risk" : tone]} ${state}`, tone };
}

/** Why it is not simply up. */
function why({ state, cause, says }: TopServer): string {
  if (state === "up") return "";
  if (state === "aside") return "it failed requests several times in a row";
  if (state === "draining" || state === "disabled") return "by the operator";
  if (state === "leaving") return "not in the pool any more; drains";
  const kept = state === "kept" ? "in service for minServers; " : "";
  return `${kept}${cause === null ? "" : `${cause}: `}${says}`;
}

export function serverColumns(screen: TopState, style: TextStyle): readonly Column<TopServer>[] {
  return [
    {
      title: "SERVER",
      least: 12,
      cell: (server) => {
        const mark = screen.chosen === undefined ? "" : isChosen(server, screen) ? "> " : "  ";
        const text = `${mark}${server.address ?? "(not exported)"}`;
        return toned(text, isChosen(server, screen) ? "heading" : undefined);
      },
    },
    { title: "POOL~SETTING", least: 8, cell: ({ pair }) => ({ text: pair }) },
    { title: "STATE", cell: (server) => stateCell(server, style) },
    { title: "BUSY", right: true, cell: ({ busy }) => toned(String(busy), busy === 0 ? "quiet" : undefined) },
    { title: "REQ/S", right: true, cell: ({ attemptsPerS }) => ({ text: rateWords(attemptsPerS) }) },
    { title: "FAIL/S", right: true, cell: ({ failedPerS }) => badRate(failedPerS) },
    { title: "P50", right: true, from: wide, cell: ({ p50Ms }) => ({ text: timeWords(p50Ms) }) },
    { title: "P99", right: true, cell: ({ p99Ms }) => ({ text: timeWords(p99Ms) }) },
    { title: "WHY", least: 8, cell: (server) => ({ text: why(server) }) },
  ];
}

/** The id gives way last, and never to less than the digits that `/explain/ID` wants at least and a sign that there are more. */
export function failureColumns(minutes: number, nowMs: number): readonly Column<FailureActivity>[] {
  return [
    {
      title: `FAILURES IN ${minutes} MIN`,
      least: 8,
      yields: 1,
      cell: (failure) => ({ text: causeWords(failure) ?? `${undecided}, ending ${failure.ending}` }),
    },
    { title: "COUNT", right: true, from: 30, cell: ({ recent }) => toned(String(recent), "bad") },
    { title: "STATUS", right: true, from: wide, cell: ({ status }) => ({ text: String(status) }) },
    { title: "LAST", right: true, from: 56, cell: ({ at }) => ({ text: spanWords(nowMs - Date.parse(at)) }) },
    {
      title: "LAST TRANSACTION",
      least: fewestDigits + 1,
      yields: 2,
      cell: ({ transactionId }) => ({ text: transactionId }),
    },
    { title: "ROUTE", least: 5, keeps: "end", from: 70, cell: ({ route }) => ({ text: route ?? noRoute }) },
  ];
}
