import { expect, test } from "vitest";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { gateGone, gateSum } from "../../../src/gateway/limits/gate-sum.ts";
import { Activity } from "../../../src/gateway/metrics/activity.ts";
import { ActivitySum, activityFigures } from "../../../src/gateway/metrics/activity-sum.ts";
import { Metrics } from "../../../src/gateway/metrics/metrics.ts";
import { failedRecord, recordWith, routeTo } from "../explain/record.ts";

const route = routeTo(["10.0.1.4"]);
const records = [
  recordWith({ route }),
  failedRecord({}, { route, cause: "tcp-refused" }),
  recordWith({ route, status: 404, attempts: [] }),
];

test("what two workers counted is what one would have counted", () => {
  const [one, first, second] = [new Metrics(), new Metrics(), new Metrics()];
  for (const [at, record] of records.entries()) {
    one.record(record, "v2");
    (at === 0 ? first : second).record(record, "v2");
  }
  const total = new Metrics();
  for (const { figures } of [{ figures: first.figures() }, { figures: second.figures() }])
    total.absorb(structuredClone(figures));
  expect(total.text([]).split("\n").sort()).toEqual(one.text([]).split("\n").sort());
});

test("the same of what they did, route by route and server by server", () => {
  const nowMs = records[0]?.startedAtMs ?? 0;
  const [one, first, second] = [new Activity(), new Activity(), new Activity()];
  for (const [at, record] of records.entries()) {
    one.record(record);
    (at === 0 ? first : second).record(record);
  }
  const sum = new ActivitySum([activityFigures(first, nowMs), activityFigures(second, nowMs)]);
  expect(activityFigures(sum, nowMs)).toEqual(activityFigures(one, nowMs));
});

test("of gates: what is under way together, and of one that is gone what it had counted", () => {
  const limits = { connections: 1, connectionsPerClient: 1, handshakes: 1, requests: 9 };
  const [first, second] = [new Gate(limits), new Gate(limits)];
  for (const gate of [first, second]) for (let times = 0; times < 2; times++) gate.came("127.0.0.1");
  second.requestBegins();
  const sum = gateSum([first.figures(), second.figures()]);
  expect(sum).toMatchObject({ connections: 4, connectionsSoFar: 4, requests: 1 });
  expect([...sum.refused]).toEqual([["connections", 2]]);
  expect(gateGone(sum)).toMatchObject({ connections: 0, connectionsSoFar: 4, requests: 0 });
});
