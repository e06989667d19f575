import { describe, expect, test } from "vitest";
import { saidOf } from "../../lab/peers/normalise.ts";
import type { ScenarioResult } from "../../lab/run-scenario.ts";
import { scenarios } from "../../lab/scenarios/all.ts";
import { idOf } from "../../lab/scenarios/scenario.ts";
import type { Outcome } from "../../lab/score/score.ts";
import { merged, regressions, type Scoreboard, third } from "../../lab/score/scoreboard.ts";
import { confusions, distinguishable, entriesOf, peerAnswers } from "../../lab/score/tally.ts";
import { withChanges } from "../../lab/standing-world.ts";
import { baseWorld } from "../../lab/world/base.ts";
import { networkId } from "../../lab/world/resource.ts";

interface Run {
  readonly id?: string;
  readonly expects?: readonly string[];
  readonly live?: Outcome;
  readonly roots?: readonly string[];
  readonly healing?: ScenarioResult["healing"];
  readonly invalid?: string;
  readonly peers?: ScenarioResult["peers"];
}

function result(run: Run): ScenarioResult {
  const {
    id = "tcp/one",
    expects = ["tcp-refused"],
    live = "first",
    roots = expects,
    healing = "healed",
  } = run;
  return {
    ...{ id, expects, healing, statuses: [502], experiments: 3, tookMs: 10 },
    answers: { live: { outcome: live, roots, tookMs: 1234 } },
    invalid: run.invalid,
    peers: run.peers,
  };
}

const boardOf = (...runs: Run[]): Scoreboard => {
  const results = runs.map(result);
  return merged(
    undefined,
    results,
    results.map(({ id }) => id),
  );
};

describe("a run against the board", () => {
  test("that is as good or better is no regression", () => {
    const board = boardOf({ live: "undecided", healing: "not-tried" });
    expect(regressions(board, result({}))).toEqual([]);
  });

  test("that names another root is one, and says which", () => {
    const [line] = regressions(boardOf({}), result({ live: "wrong", roots: ["backend-down"] }));
    expect(line).toBe("tcp/one: live was first, is wrong (backend-down)");
  });

  test("that heals no more is one", () => {
    expect(regressions(boardOf({}), result({ healing: "not-healed" }))).toHaveLength(1);
  });

  test("that was no valid measurement is one, on the board or not", () => {
    expect(regressions(undefined, result({ invalid: "it does not stand" }))).toEqual([
      "tcp/one: it does not stand",
    ]);
  });

  test("of a scenario that is not on the board is none", () => {
    expect(regressions(boardOf({}), result({ id: "tcp/new", live: "wrong" }))).toEqual([]);
  });
});

describe("writing the board", () => {
  test("keeps what did not run, and drops what exists no more", () => {
    const before = boardOf({ id: "a/kept" }, { id: "a/gone" });
    const now = merged(before, [result({ id: "a/new" })], ["a/kept", "a/new"]);
    expect(Object.keys(now.scenarios)).toEqual(["a/kept", "a/new"]);
  });

  test("names roots only where they are not what was expected", () => {
    const { scenarios: all } = boardOf({ id: "a" }, { id: "b", live: "wrong", roots: ["backend-down"] });
    expect(all.a?.answers.live).toEqual({ outcome: "first" });
    expect(all.b?.answers.live).toEqual({ outcome: "wrong", roots: ["backend-down"] });
  });
});

test("causes that are taken for another are counted, healthy networks too", () => {
  const board = boardOf(
    { id: "a", live: "wrong", roots: ["backend-down"] },
    { id: "b", live: "wrong", roots: ["backend-down"] },
    { id: "c", expects: [], live: "false-alarm", roots: ["port-wrong"] },
  );
  expect(confusions(entriesOf(board), "live")).toEqual([
    { expected: "tcp-refused", named: "backend-down", where: ["a", "b"] },
    { expected: "healthy", named: "port-wrong", where: ["c"] },
  ]);
});

test("a proxy tells causes apart when no other cause gives the same answer", () => {
  const said = (status: number, ...says: string[]) => ({ nginx: { statuses: [status, status], says } });
  const board = boardOf(
    { id: "a", expects: ["tcp-refused"], peers: said(502, "refused") },
    { id: "b", expects: ["nsg-gw-out"], peers: said(504, "timed out") },
    { id: "c", expects: ["host-firewall"], peers: said(504, "timed out") },
    { id: "d", expects: ["pool-empty"], peers: "other proxies take no empty pool" },
  );
  expect(distinguishable(entriesOf(board), peerAnswers("nginx"))).toEqual({
    ...{ causes: 3, statuses: 2, answers: 2, apart: 1 },
  });
});

describe("what a proxy's log says is the same in every run", () => {
  test.each([
    [
      "nginx",
      '2026/11/22 23:00:01 [error] 77#77: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: , request: "GET / HTTP/1.1"\n502 502, 502|0.001|-',
      ["502 of 502", "connect() failed (111: Connection refused) while connecting to upstream"],
    ],
    [
      "haproxy",
      '127.0.0.1:4711 [22/Nov/2026:23:00:01.000] web servers/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
      ["503 SC--"],
    ],
    [
      "caddy",
      '{"level":"info","ts":1.5,"logger":"http.handlers.reverse_proxy.health_checker.active","msg":"HTTP request failed","host":"10.0.0.4:80","error":"Get \\"http://10.0.0.4:80/health\\": dial tcp 10.0.0.4:80: connect: connection refused"}',
      ["check: HTTP request failed dial tcp ADDRESS: connect: connection refused"],
    ],
  ] as const)("%s", (name, text, says) => {
    expect(saidOf(name, text)).toEqual(says);
  });
});

describe("the scenarios", () => {
  test("have ids of their own, in the order of families", () => {
    const ids = scenarios.map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    const families = [...new Set(scenarios.map(({ family }) => family))];
    expect(families).toEqual(families.toSorted());
  });

  test("have worlds that can be described", () => {
    for (const scenario of scenarios) expect(scenario.world().resources.length).toBeGreaterThan(0);
  });

  test("of a third are of every family", () => {
    const sample = third(scenarios);
    expect(new Set(sample.map(({ family }) => family))).toEqual(
      new Set(scenarios.map(({ family }) => family)),
    );
    expect(sample.length).toBeLessThan(scenarios.length / 2);
  });
});

test("a fix is made to the documents, and what it creates is one of them", () => {
  const { resources } = baseWorld();
  const zone = networkId("privateDnsZones", "internal.contoso.example");
  const after = withChanges(resources, [
    {
      action: "create",
      resourceId: `${zone}/A/app-9`,
      body: { ttl: 300, aRecords: [{ ipv4Address: "10.10.2.9" }] },
    },
  ]);
  expect(after).toHaveLength(resources.length + 1);
  expect(after.find(({ name }) => name === "app-9")?.type).toBe("Microsoft.Network/privateDnsZones/A");
});
