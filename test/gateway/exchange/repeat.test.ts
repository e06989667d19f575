import { describe, expect, test } from "vitest";
import { mayRepeat, type Progress, type Repeat } from "../../../src/gateway/exchange/repeat.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";

const sent = { detail: undefined, offset: undefined, nothingSent: false, stale: false };
const late: AttemptFailure = { ...sent, kind: "response-timeout" };
const refused: AttemptFailure = { ...sent, kind: "connect-refused", nothingSent: true };
const reset: AttemptFailure = { ...sent, kind: "response-reset" };
const stale: AttemptFailure = { ...reset, stale: true };
const staleUnsent: AttemptFailure = { ...stale, nothingSent: true };

const first: Progress = {
  generation: "v2",
  method: "GET",
  bodyWhole: true,
  reused: false,
  answered: false,
  repeatedStale: false,
  repeatedElsewhere: false,
};

const rows: readonly [string, AttemptFailure, Partial<Progress>, Repeat][] = [
  ["nothing was sent", refused, {}, "other"],
  ["nothing was sent, of a POST", refused, { method: "POST" }, "other"],
  ["nothing was sent over a reused connection", refused, { reused: true }, "other-or-fresh"],
  ["nothing was sent, but the body is gone", refused, { bodyWhole: false }, "no"],
  ["a stale connection, GET", stale, { reused: true }, "fresh"],
  ["a stale connection, GET, again", stale, { reused: true, repeatedStale: true }, "other"],
  ["a stale connection, POST that was sent", stale, { reused: true, method: "POST" }, "no"],
  ["a stale connection, POST that was not", staleUnsent, { reused: true, method: "POST" }, "fresh"],
  ["late, v2", late, {}, "other"],
  ["late, v2, a second time", late, { repeatedElsewhere: true }, "no"],
  ["late, v2, POST", late, { method: "POST" }, "no"],
  ["late, v1", late, { generation: "v1" }, "no"],
  ["reset", reset, {}, "other"],
  ["reset, v1", reset, { generation: "v1" }, "other"],
  ["closed without a word", { ...sent, kind: "response-closed" }, {}, "other"],
  ["reset while it was sent, PUT", { ...sent, kind: "send-reset" }, { method: "PUT" }, "other"],
  ["reset, a second time", reset, { repeatedElsewhere: true }, "no"],
  ["reset in the middle of a response head", reset, { answered: true }, "no"],
  ["reset, POST that was sent", reset, { method: "POST" }, "no"],
  ["reset, PATCH that was sent", reset, { method: "PATCH" }, "no"],
  ["reset, but the body is gone", reset, { method: "PUT", bodyWhole: false }, "no"],
  ["no valid response", { ...sent, kind: "response-invalid" }, { answered: true }, "no"],
  ["the server was taken out too long ago", { ...sent, kind: "response-drained" }, {}, "no"],
  ["taken out, and nothing was sent", { ...refused, kind: "response-drained" }, { reused: true }, "other"],
  ["the client left", { ...refused, kind: "aborted" }, {}, "no"],
];

describe("what may be done again", () => {
  test.each(rows)("%s", (_what, failure, progress, expected) => {
    expect(mayRepeat(failure, { ...first, ...progress })).toBe(expected);
  });
});
