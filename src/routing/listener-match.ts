import type { Gateway, Listener, RoutingRule } from "../model/gateway.ts";
import { rulesInOrder } from "./routes.ts";

/** A listener with the rule that is bound to it. */
export interface BoundListener {
  readonly listener: Listener;
  readonly rule: RoutingRule;
}

/** Listeners that share a frontend address and port, in the order in which they are tried. */
export interface ListenerGroup {
  /** `frontend:port`, from the names in the configuration. */
  readonly key: string;
  readonly candidates: readonly BoundListener[];
}

/** Connections are carried, requests are not known. */
export function isLayer4({ protocol }: Listener): boolean {
  return protocol === "Tcp" || protocol === "Tls";
}

const isLayer7 = (listener: Listener): boolean => !isLayer4(listener);

/**
 * The listeners, those of layer 7 unless it is said which, by frontend and port (request-handling.md §2). v2: by the priority of the rule; v1: by the order
 * of the rules; v2 without any priority (an old API version): listeners with host names before those without.
 */
export function listenerGroups(
  gateway: Gateway,
  isMeant: (listener: Listener) => boolean = isLayer7,
): ListenerGroup[] {
  const groups = new Map<string, BoundListener[]>();
  const seen = new Set<Listener>();
  for (const rule of rulesInOrder(gateway)) {
    const listener = rule.listener?.target;
    if (listener === undefined || seen.has(listener)) continue;
    if (!isMeant(listener)) continue;
    seen.add(listener);
    const key = frontendKey(listener);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ listener, rule }]);
    else group.push({ listener, rule });
  }
  return [...groups].map(([key, candidates]) => ({ key, candidates: inOrder(gateway, candidates) }));
}

/** The first listener whose host names take the Host header; undefined = none does (404 on v2). */
export function chooseListener(group: ListenerGroup, hostHeader: string): BoundListener | undefined {
  let host: string | undefined;
  return group.candidates.find(({ listener }) => {
    if (listener.hostNames.length === 0) return true;
    host ??= comparableHost(hostHeader);
    return takesComparable(listener, host);
  });
}

/** A listener without host names takes every host. */
export function listenerTakes(listener: Listener, hostHeader: string): boolean {
  return takesComparable(listener, comparableHost(hostHeader));
}

/** Case does not count, nor does the port. `*` stands for any letters, dots among them; `?` for exactly one. */
export function hostMatches(pattern: string, hostHeader: string): boolean {
  return globMatches(pattern.toLowerCase(), comparableHost(hostHeader));
}

function takesComparable({ hostNames }: Listener, host: string): boolean {
  if (hostNames.length === 0) return true;
  return hostNames.some((name) => name === host || globMatches(name.toLowerCase(), host));
}

/** Whether `wide` takes every host that `narrow`, which may have wildcards itself, takes. */
export function hostCovers(wide: string, narrow: string): boolean {
  return globMatches(wide.toLowerCase(), narrow.toLowerCase());
}

function frontendKey({ frontendIpConfiguration: frontend, frontendPort: port }: Listener): string {
  const address = frontend?.target?.name ?? frontend?.id ?? "?";
  return `${address}:${port?.target?.port ?? port?.id ?? "?"}`.toLowerCase();
}

function inOrder(gateway: Gateway, candidates: readonly BoundListener[]): readonly BoundListener[] {
  if (gateway.generation === "v1" || gateway.rules.some(({ priority }) => priority !== undefined)) {
    return candidates;
  }
  const named = candidates.filter(({ listener }) => listener.hostNames.length > 0);
  return [...named, ...candidates.filter(({ listener }) => listener.hostNames.length === 0)];
}

/** In lower case and without the port. */
function comparableHost(hostHeader: string): string {
  return withoutPort(hostHeader).toLowerCase();
}

function withoutPort(hostHeader: string): string {
  if (hostHeader.startsWith("[")) return hostHeader.slice(0, hostHeader.indexOf("]") + 1);
  const end = hostHeader.indexOf(":");
  return end < 0 ? hostHeader : hostHeader.slice(0, end);
}

/**
 * Two pointers and one way back, so that no pattern, however written, costs more than pattern × text. A `*` in the text
 * (a pattern held against a pattern) is taken by `*` only.
 */
function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const want = pattern[p];
    if (want === "*") {
      star = p++;
      resume = t;
    } else if (want !== undefined && text[t] !== "*" && (want === "?" || want === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
