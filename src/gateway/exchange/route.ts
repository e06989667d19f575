import type { RequestRoute } from "../../routing/request-route.ts";
import type { OwnAnswer } from "./own-answer.ts";
import type { Serving } from "./parts.ts";
import { redirected } from "./redirect.ts";
import type { RequestSeen } from "./request-seen.ts";

/** What is refused whatever the configuration says (request-handling.md §9); undefined = nothing. */
export function refusalOf({ method, asksH2c }: RequestSeen): OwnAnswer | undefined {
  if (method === "TRACE" || method === "CONNECT") {
    const errorInfo = method === "TRACE" ? "ERRORINFO_INVALID_METHOD_TRACE" : "ERRORINFO_INVALID_METHOD";
    return { status: 405, ending: "PR", errorInfo };
  }
  if (asksH2c) {
    return { status: 403, ending: "PR", errorInfo: "ERRORINFO_INVALID_REQUEST" };
  }
  return undefined;
}

type NoBackend = Extract<RequestRoute, { to: "none" }>;

/** What the client gets where no server is asked. */
export function answerWithoutServer(
  { why, route, status }: NoBackend,
  request: RequestSeen,
  serving: Serving,
): OwnAnswer {
  switch (why) {
    case "redirect":
      return route === undefined ? nowhere : redirected(route, request, serving);
    case "no-listener":
    case "host-not-taken":
      return { status: status ?? 404, ending: "PR", errorInfo: "ERRORINFO_INVALID_HOST" };
    case "other-scheme":
      return { status: 400, ending: "PR", errorInfo: "ERRORINFO_HTTP_TO_HTTPS_PORT" };
    case "no-default":
      return { status: status ?? 404, ending: "PR", errorInfo: undefined };
    default:
      return nowhere;
  }
}

/** There is no pool, or no setting. */
const nowhere: OwnAnswer = { status: 502, ending: "PQ", errorInfo: "ERRORINFO_UPSTREAM_NO_LIVE" };
