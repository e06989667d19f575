import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Limit } from "./gate.ts";

/** What clients get for whom or which there is no room. The connection ends: whoever comes again may be served. */
export function answerToLimit(limit: Limit): OwnAnswer {
  return { status: 503, ending: "KR", errorInfo: undefined, limit, close: true };
}

/** What is short, as the end of a sentence. */
export const limitWords: Readonly<Record<Limit, string>> = {
  connections: "as many connections as it takes are open",
  "client-connections": "this client has as many connections as one client may have",
  handshakes: "as many TLS handshakes as it takes are under way",
  requests: "as many requests as it takes are under way",
  memory: "its memory is nearly used up",
  heap: "its JavaScript heap is nearly used up",
  delay: "it cannot keep up: whatever is due is done late",
};
