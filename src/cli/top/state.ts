import type { TopData, TopServer } from "./data.ts";
import type { Key } from "./keys.ts";

export const orders = ["configuration", "rate", "errors", "p99"] as const;
export type Order = (typeof orders)[number];

/** A server that is to be taken out or put back. */
export interface Change {
  readonly wish: "drain" | "enable";
  readonly pair: string;
  readonly address: string;
}

/** All that decides what is on the screen. */
export interface TopState {
  /** Of the last answer; undefined before the first. */
  readonly data: TopData | undefined;
  /** When that came, epoch milliseconds. */
  readonly answeredAtMs: number;
  /** Why the newest answer did not come; undefined = it came. */
  readonly trouble: string | undefined;
  /** What came of the last change. */
  readonly told: string | undefined;
  readonly paused: boolean;
  readonly order: Order;
  /** Routes, servers and failures without it are not shown. */
  readonly filter: string;
  /** The filter before, while another is being typed. */
  readonly filterBefore: string | undefined;
  readonly chosen: Pick<Change, "pair" | "address"> | undefined;
  /** To be confirmed. */
  readonly asks: Change | undefined;
}

export const firstState: TopState = {
  data: undefined,
  answeredAtMs: 0,
  trouble: undefined,
  told: undefined,
  paused: false,
  order: "configuration",
  filter: "",
  filterBefore: undefined,
  chosen: undefined,
  asks: undefined,
};

export type TopEvent =
  | { readonly kind: "answer"; readonly data: TopData; readonly atMs: number }
  | { readonly kind: "trouble"; readonly says: string }
  | { readonly kind: "told"; readonly says: string }
  | { readonly kind: "key"; readonly key: Key };

/** What is shown after it, and what is to be done. */
export interface Next {
  readonly state: TopState;
  readonly wish?: "quit" | Change;
}

const longestFilter = 60;

export function after(state: TopState, event: TopEvent): Next {
  if (event.kind === "trouble") return { state: { ...state, trouble: event.says } };
  if (event.kind === "told") return { state: { ...state, told: event.says } };
  if (event.kind === "key") return pressed(state, event.key);
  const fresh = { ...state, trouble: undefined };
  return { state: state.paused ? fresh : { ...fresh, data: event.data, answeredAtMs: event.atMs } };
}

function pressed(state: TopState, key: Key): Next {
  if (key.name === "interrupt") return { state, wish: "quit" };
  if (state.asks !== undefined) return confirmed({ ...state, asks: undefined }, state.asks, key);
  if (state.filterBefore !== undefined) return { state: typed(state, state.filterBefore, key) };
  if (key.name === "up" || key.name === "down") return { state: chosen(state, key.name === "up" ? -1 : 1) };
  if (key.name === "escape") return { state: { ...state, filter: "", chosen: undefined, told: undefined } };
  return key.name === "character" ? ofLetter(state, key.character) : { state };
}

function ofLetter(state: TopState, letter: string): Next {
  switch (letter) {
    case "q":
      return { state, wish: "quit" };
    case "s":
      return {
        state: { ...state, order: orders[(orders.indexOf(state.order) + 1) % orders.length] ?? "rate" },
      };
    case "/":
      return { state: { ...state, filterBefore: state.filter } };
    case "p":
      return { state: { ...state, paused: !state.paused } };
    case "d":
      return { state: asking(state, "drain") };
    case "e":
      return { state: asking(state, "enable") };
    default:
      return { state };
  }
}

function asking(state: TopState, wish: Change["wish"]): TopState {
  if (state.chosen !== undefined) return { ...state, asks: { wish, ...state.chosen } };
  return { ...state, told: `choose a server with the arrow keys, then ${wish} it` };
}

/** Anything but `y` is no. */
function confirmed(state: TopState, change: Change, key: Key): Next {
  const yes = key.name === "character" && key.character === "y";
  return yes ? { state, wish: change } : { state };
}

function typed(state: TopState, before: string, key: Key): TopState {
  const { filter } = state;
  if (key.name === "enter") return { ...state, filterBefore: undefined };
  if (key.name === "escape") return { ...state, filter: before, filterBefore: undefined };
  if (key.name === "backspace") return { ...state, filter: [...filter].slice(0, -1).join("") };
  if (key.name !== "character" || filter.length >= longestFilter) return state;
  return { ...state, filter: filter + key.character };
}

function chosen(state: TopState, step: 1 | -1): TopState {
  const servers = shownServers(state).flatMap(({ pair, address }) =>
    address === null ? [] : [{ pair, address }],
  );
  if (servers.length === 0) return state;
  const at = servers.findIndex((one) => isChosen(one, state));
  const first = step === 1 ? 0 : servers.length - 1;
  const next = at < 0 ? first : Math.min(Math.max(at + step, 0), servers.length - 1);
  return { ...state, chosen: servers[next], told: undefined };
}

export function isChosen(
  { pair, address }: { readonly pair: string; readonly address: string | null },
  { chosen }: TopState,
): boolean {
  return chosen !== undefined && chosen.pair === pair && chosen.address === address;
}

/** The servers that the filter lets through, in the order that was asked for. */
export function shownServers({ data, filter, order }: TopState): readonly TopServer[] {
  const servers = (data?.servers ?? []).filter(({ pair, address, cause, state }) =>
    fits(filter, pair, address, cause, state),
  );
  return ordered(servers, order, {
    rate: ({ attemptsPerS }) => attemptsPerS,
    errors: ({ failedPerS }) => failedPerS,
    p99: ({ p99Ms }) => p99Ms,
  });
}

export function shownRoutes({ data, filter, order }: TopState): TopData["routes"] {
  const routes = (data?.routes ?? []).filter(({ route, pool, setting, mainCause }) =>
    fits(filter, route, pool, setting, mainCause?.cause),
  );
  return ordered(routes, order, {
    rate: ({ requestsPerS }) => requestsPerS,
    errors: ({ serverErrorsPerS }) => serverErrorsPerS,
    p99: ({ p99Ms }) => p99Ms,
  });
}

/** Those that happen most first, as the gateway tells them; of a route that is shown, or with the text themselves. */
export function shownFailures(state: TopState): TopData["failures"] {
  const routes = new Set(shownRoutes(state).map(({ route }) => route));
  return (state.data?.failures ?? []).filter(
    ({ cause, route, transactionId }) => routes.has(route) || fits(state.filter, cause, transactionId),
  );
}

function fits(filter: string, ...texts: readonly (string | null | undefined)[]): boolean {
  const wanted = filter.toLowerCase();
  return wanted === "" || texts.some((text) => text?.toLowerCase().includes(wanted));
}

/** The most first; what is equal stays as it was. */
function ordered<T>(
  items: readonly T[],
  order: Order,
  values: Readonly<Record<Exclude<Order, "configuration">, (item: T) => number | null>>,
): readonly T[] {
  if (order === "configuration") return items;
  const value = values[order];
  return [...items].sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
}
