import type { Listener, RedirectConfiguration } from "../model/gateway.ts";

/** Rows on which the vendor's sources disagree, as far as redirects go (request-handling.md §4). */
export interface RedirectSwitches {
  /** What `SeeOther` answers: 303 by its name, 302 in one older article. */
  readonly seeOtherStatus: "303" | "302";
  /** Whether a `targetUrl` gets the path of the request: the overview says so, one article denies it. */
  readonly redirectUrlPath: "kept" | "dropped";
}

/** How a redirect is answered; the gateway adds nothing else to the status line but `Location`. */
export interface RedirectAnswer {
  readonly status: number;
  /** ASCII without blanks and controls. */
  readonly location: string;
}

/** What of a client's request a redirect looks at. */
export interface RedirectedRequest {
  /** As in the Host field. */
  readonly host: string;
  /** Origin form as received: redirected requests are not rewritten. */
  readonly target: string;
}

/** A redirect made ready; undefined = it leads nowhere, or its target is not among the documents. */
export type Redirect = (request: RedirectedRequest) => RedirectAnswer | undefined;

/** `Found` is 302 and the rest as they are called. */
export function redirectStatus(
  type: RedirectConfiguration["redirectType"],
  { seeOtherStatus }: Pick<RedirectSwitches, "seeOtherStatus">,
): number {
  return { Permanent: 301, Found: 302, SeeOther: Number(seeOtherStatus), Temporary: 307 }[type];
}

/**
 * Compiles one redirect configuration. `portOf`: the port under which clients reach a listener, where that is another
 * than the configured one.
 */
export function compileRedirect(
  redirect: RedirectConfiguration,
  switches: RedirectSwitches,
  portOf: (listener: Listener) => number | undefined = configuredPort,
): Redirect {
  const status = redirectStatus(redirect.redirectType, switches);
  const { targetListener, targetUrl, includePath, includeQueryString } = redirect;
  const listener = targetListener?.target;
  if (targetListener !== undefined) {
    const front = listener && listenerFront(listener, portOf);
    if (front === undefined) return () => undefined;
    return ({ host, target }) => {
      const { path, query } = partsOf(target);
      const place = `${front(host)}${includePath ? path : "/"}${includeQueryString ? query : ""}`;
      return { status, location: escaped(place) };
    };
  }
  const url = targetUrl?.trim() ?? "";
  if (url === "") return () => undefined;
  const keepsPath = includePath && switches.redirectUrlPath === "kept";
  const extended = extendedUrl(url);
  return ({ target }) => {
    const { path, query } = partsOf(target);
    return { status, location: escaped(extended(keepsPath ? path : "", includeQueryString ? query : "")) };
  };
}

function configuredPort({ frontendPort }: Listener): number | undefined {
  return frontendPort?.target?.port;
}

/** Scheme and port of the listener; its host name where it has exactly one, else the host that was asked for. */
function listenerFront(
  listener: Listener,
  portOf: (listener: Listener) => number | undefined,
): ((host: string) => string) | undefined {
  const port = portOf(listener);
  if (port === undefined) return undefined;
  const secure = listener.protocol === "Https";
  const scheme = secure ? "https" : "http";
  const behind = port === (secure ? 443 : 80) ? "" : `:${port}`;
  const [only, ...others] = listener.hostNames;
  const own = only !== undefined && others.length === 0 && !/[*?]/.test(only) ? only : undefined;
  return (host) => `${scheme}://${own ?? withoutPort(host)}${behind}`;
}

function withoutPort(host: string): string {
  if (host.startsWith("[")) return host.slice(0, host.indexOf("]") + 1);
  const colon = host.indexOf(":");
  return colon < 0 ? host : host.slice(0, colon);
}

/** `query` begins with its question mark; a fragment belongs to neither. */
function partsOf(target: string): { readonly path: string; readonly query: string } {
  const hash = target.indexOf("#");
  const asked = hash < 0 ? target : target.slice(0, hash);
  const mark = asked.indexOf("?");
  return mark < 0 ? { path: asked, query: "" } : { path: asked.slice(0, mark), query: asked.slice(mark) };
}

/**
 * Puts a path behind the path of a URL, with one slash between them, and a query behind its own; the fragment stays last.
 */
function extendedUrl(url: string): (path: string, query: string) => string {
  const hash = url.indexOf("#");
  const fragment = hash < 0 ? "" : url.slice(hash);
  const { path: base, query: own } = partsOf(url);
  return (path, query) => {
    const place = path === "" ? base : `${base.endsWith("/") ? base.slice(0, -1) : base}${path}`;
    const joined = own.length > 1 && query !== "" ? `${own}&${query.slice(1)}` : query === "" ? own : query;
    return place + joined + fragment;
  };
}

/** What may not stand in a URL as it is, as its UTF-8 bytes in escapes. */
function escaped(location: string): string {
  return location.replace(/[^\x21-\x7e]+/g, (run) =>
    [...Buffer.from(run, "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}
