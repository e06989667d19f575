import type { TextStyle } from "../../report/text/style.ts";
import { countWords, rateWords, spanWords, timeWords } from "./numbers.ts";
import { failureColumns, routeColumns, serverColumns } from "./sections.ts";
import { shownFailures, shownRoutes, shownServers, type TopState } from "./state.ts";
import { type Column, type Line, lineText, type Piece, tableOf } from "./table.ts";

export interface PageOptions {
  readonly style: TextStyle;
  /** Lines there are; undefined = as many as it takes, and no keys. */
  readonly rows: number | undefined;
  /** Where the gateway is asked. */
  readonly place: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The lines of the screen for this state, none wider or more than there is room for. */
export function pageOf(state: TopState, options: PageOptions): readonly string[] {
  const { style, rows } = options;
  const head = headOf(state, options);
  const foot = rows === undefined ? [] : [footOf(state)];
  const room = rows === undefined ? Number.POSITIVE_INFINITY : Math.max(0, rows - head.length - foot.length);
  const body = state.data === undefined ? [] : bodyOf(state, options, room).slice(0, room);
  const blank = rows === undefined ? 0 : Math.max(0, room - body.length);
  const lines = [...head, ...body, ...Array.from({ length: blank }, (): Line => []), ...foot];
  const shown = rows === undefined ? lines : lines.slice(0, rows);
  return shown.map((line) => lineText(line, style));
}

function headOf(state: TopState, options: PageOptions): readonly Line[] {
  const { data, trouble } = state;
  const { place, nowMs } = options;
  if (data === undefined) {
    const asking: Piece = { text: `${place}: asking` };
    return [[trouble === undefined ? asking : { text: `${place}: ${trouble}; asking again`, tone: "bad" }]];
  }
  const { gateway, since, at, connections, total, overS } = data;
  const upMs = Date.parse(at) - Date.parse(since);
  const first: Line = [
    { text: gateway.name, tone: "heading" },
    {
      text: ` ${gateway.generation}  up ${spanWords(upMs)}  ${countWords(connections, "client connection")}`,
    },
    ...(state.paused
      ? [{ text: `  paused: ${spanWords(nowMs - state.answeredAtMs)} old`, tone: "unsure" as const }]
      : []),
  ];
  const errors = total.serverErrorsPerS ?? 0;
  const second: Line = [
    { text: `${rateWords(total.requestsPerS)} requests/s  ` },
    { text: `${rateWords(total.serverErrorsPerS)} 5xx/s`, ...(errors > 0 ? { tone: "bad" as const } : {}) },
    { text: `  p50 ${timeWords(total.p50Ms)}  p99 ${timeWords(total.p99Ms)}` },
    { text: overS === null ? "" : `  over ${Math.round(overS)} s`, tone: "quiet" },
  ];
  const age = spanWords(nowMs - state.answeredAtMs);
  const third: Line = [{ text: `${place}: ${trouble}; what follows is ${age} old`, tone: "bad" }];
  return trouble === undefined ? [first, second] : [first, second, third];
}

function footOf({ asks, filterBefore, filter, told, order }: TopState): Line {
  if (asks !== undefined) {
    const { wish, address, pair } = asks;
    return [
      { text: `${wish} ${address} of ${pair}?`, tone: "heading" },
      { text: "  y yes, any other key no" },
    ];
  }
  if (filterBefore !== undefined) {
    return [{ text: `filter: ${filter}_`, tone: "heading" }, { text: "  Enter keeps it, Esc goes back" }];
  }
  if (told !== undefined) return [{ text: told }];
  const sort = order === "configuration" ? "sort" : `sort: ${order}`;
  const only = filter === "" ? "filter" : `filter: ${filter}`;
  return [
    { text: `q quit  p pause  s ${sort}  up/down server: d drain, e enable  / ${only}`, tone: "quiet" },
  ];
}

/** Three tables that share the room: what one does not need, the others get. */
function bodyOf(state: TopState, options: PageOptions, room: number): readonly Line[] {
  const { data } = state;
  const minutes = data?.recentMinutes ?? 0;
  const lists = [shownRoutes(state), shownServers(state), shownFailures(state)] as const;
  const [routes, servers, failures] = lists;
  // A blank line and the titles of each.
  const rows = shares(
    lists.map(({ length }) => Math.max(1, length)),
    room - 2 * lists.length,
  );
  const section = <T>(columns: readonly Column<T>[], items: readonly T[], at: number, none: string) =>
    sectionOf(columns, windowOf(items, rows[at] ?? 0, at === 1 ? chosenAt(state) : 0), {
      none,
      style: options.style,
    });
  return [
    ...section(routeColumns, routes, 0, "no route"),
    ...section(serverColumns(state, options.style), servers, 1, "no server"),
    ...section(failureColumns(minutes, options.nowMs), failures, 2, `none in the last ${minutes} min`),
  ];
}

interface Shown<T> {
  readonly items: readonly T[];
  /** Not shown for want of room. */
  readonly left: number;
}

function sectionOf<T>(
  columns: readonly Column<T>[],
  { items, left }: Shown<T>,
  { none, style }: { readonly none: string; readonly style: TextStyle },
): readonly Line[] {
  const quiet = (text: string): readonly Piece[] => [{ text, tone: "quiet" }];
  const [titles = [], ...rows] = tableOf(columns, items, style);
  const rest = left > 0 ? [quiet(`and ${left} more`)] : rows.length === 0 ? [quiet(none)] : [];
  return [[], titles, ...rows, ...rest];
}

/** As many as there is room for, with a line for the rest; the one at `at` among them. */
function windowOf<T>(items: readonly T[], room: number, at: number): Shown<T> {
  if (items.length <= room) return { items, left: 0 };
  const most = Math.max(0, room - 1);
  const from = Math.min(Math.max(0, at - most + 1), items.length - most);
  return { items: items.slice(from, from + most), left: items.length - most };
}

function chosenAt(state: TopState): number {
  const { chosen } = state;
  return shownServers(state).findIndex(
    ({ pair, address }) => pair === chosen?.pair && address === chosen.address,
  );
}

/** Everybody gets what they need, or an equal part of what those leave that need less. */
export function shares(needs: readonly number[], room: number): readonly number[] {
  const given = needs.map(() => 0);
  let left = room;
  let open = [...needs.keys()];
  while (open.length > 0) {
    const part = Math.max(0, Math.floor(left / open.length));
    const content = open.filter((at) => (needs[at] ?? 0) <= part);
    for (const at of content.length > 0 ? content : open) {
      given[at] = Math.min(needs[at] ?? 0, part);
      left -= given[at] ?? 0;
    }
    open = content.length > 0 ? open.filter((at) => !content.includes(at)) : [];
  }
  return given;
}
