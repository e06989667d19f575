import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exchangeOfProbe } from "../../src/health/exchange.ts";
import type { ProbeVerdict } from "../../src/health/probe-verdict.ts";
import { afterProbe, healthRulesOf, initialState } from "../../src/health/server-state.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import { Source } from "../../src/model/source.ts";
import { listProbes } from "../../src/probe/probe-list.ts";
import type { ProbeEnd, ProbePlans } from "../../src/report/probe-report.ts";
import type { WatchEventShown, WatchedShown } from "../../src/report/probe-watch-report.ts";
import { WatchText } from "../../src/report/text/probe-watch.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { liveGateway } from "../support/gateway-document.ts";
import { planOf } from "../support/probe-plan.ts";

/** What one gateway has to be probed. */
function plansOf(name: string, servers: readonly string[], skuName = "Standard_v2"): ProbePlans {
  const document = {
    ...liveGateway([{ name: "shop", servers, port: 80 }]),
    name,
    sku: { name: skuName, tier: skuName.includes("v2") ? skuName : "Standard", capacity: 2 },
  };
  const type = "microsoft.network/applicationgateways";
  const source = new Source(`${name}.json`, "", document);
  const { gateways } = buildModel({ records: [{ id: document.id, type, source }], listedTypes: new Set() });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error("no gateway");
  const { routes } = wiringOf(gateway);
  return {
    gateway,
    fromAddress: undefined,
    ...listProbes(gateway.generation, routes, defaultSwitches, () => true),
  };
}

const style = { width: 80, color: false, unicode: true, verbose: false, quiet: false };

const refused: ProbeVerdict = {
  outcome: "unhealthy",
  kind: "tcp-refused",
  messages: ["tcp-new"],
  says: "Nothing listens there.",
};

function watchedOf(plans: ProbePlans, index: number, number = index + 1): WatchedShown {
  const probe = plans.probes[index];
  if (probe === undefined) throw new Error("no such probe");
  const rules = healthRulesOf("v2", probe.plan);
  return { number, probe, rules, state: initialState(0, 0), probes: 0, failures: 0 };
}

/** The server after one more probe that was refused. */
function refusedAt(server: WatchedShown, atMs: number): WatchEventShown & { kind: "probed" } {
  const exchange = exchangeOfProbe("v2", planOf({ port: 80 }));
  if ("notSent" in exchange) throw new Error(exchange.notSent);
  const nothing = { dns: undefined, tcp: undefined, tls: undefined, http: undefined };
  const sent = { ...exchange, target: "10.0.0.4" };
  const result: ProbeEnd = {
    sent: true,
    observation: { startedAtMs: atMs, fromAddress: undefined, sent, ...nothing },
    verdict: refused,
  };
  const state = afterProbe(server.state, { verdict: refused, startedMs: 0, endedMs: 0, atMs }, server.rules);
  const after = { ...server, state, probes: server.probes + 1, failures: server.failures + 1 };
  return { kind: "probed", atMs, server: after, result, change: undefined };
}

describe("the text of a watch", () => {
  it("names the gateway only where there are several", () => {
    const [one, other] = [plansOf("agw-one", ["10.0.0.4"]), plansOf("agw-other", ["10.0.0.4"])];
    const event = refusedAt(watchedOf(other, 0, 2), 0);
    expect(new WatchText([one, other], style).event(event)).toContain("agw-other 10.0.0.4:80 pool-shop");
    expect(new WatchText([other], style).event(event)).not.toContain("agw-other");
  });

  it("says the date when a day begins, and a sentence when it is not the one said last", () => {
    const plans = plansOf("agw-one", ["10.0.0.4"]);
    const text = new WatchText([plans], style);
    const evening = Date.UTC(2026, 5, 1, 23, 59, 45);
    const first = refusedAt(watchedOf(plans, 0), evening);
    const second = refusedAt(first.server, evening + 10_000);
    const third = refusedAt(second.server, evening + 20_000);
    expect([first, second, third].map((event) => text.event(event)).join("")).toBe(
      [
        "2026-06-01, times in UTC",
        "23:59:45 ✗ down 1/3   10.0.0.4:80 pool-shop~set-shop: tcp-refused",
        "           Nothing listens there.",
        "23:59:55 ✗ down 2/3   10.0.0.4:80 pool-shop~set-shop: tcp-refused",
        "2026-06-02, times in UTC",
        "00:00:05 ✗ down 3/3   10.0.0.4:80 pool-shop~set-shop: tcp-refused",
        "",
      ].join("\n"),
    );
  });

  it("lists no more than twenty servers at its end, unless everything is asked for", () => {
    const servers = Array.from({ length: 30 }, (_, index) => `10.0.0.${index + 1}`);
    const plans = plansOf("agw-one", servers);
    const end = {
      why: "time" as const,
      servers: servers.map((_, index) => refusedAt(watchedOf(plans, index), 0).server),
    };
    const brief = new WatchText([plans], style).end(end);
    expect(brief.match(/not up once, 1 of 1 probe failed/g)).toHaveLength(20);
    expect(brief).toContain("and 10 more");
    expect(brief).toMatch(/✗ 0 of 30 servers up after 30 probes\.\n$/);
    const full = new WatchText([plans], { ...style, verbose: true }).end(end);
    expect(full.match(/not up once/g)).toHaveLength(30);
    expect(full).not.toContain("more");
  });

  it("says of v1 that it does not wait to confirm a failure", () => {
    const start = (plans: ProbePlans) => new WatchText([plans], style).start().replaceAll(/\s+/g, " ");
    expect(start(plansOf("agw-old", ["10.0.0.4"], "Standard_Small"))).toContain(
      "Probed every 30 s, which v1 does not wait for after a first failure; down after 3 failures in a row",
    );
    expect(start(plansOf("agw-new", ["10.0.0.4"]))).toContain(
      "Probed every 30 s; down after 3 failures in a row",
    );
  });
});

describe("the schema of a watch", () => {
  it("knows the same verdicts as that of a single probe", () => {
    const schemaOf = (name: string) =>
      JSON.parse(readFileSync(new URL(`../../schema/${name}.v1.schema.json`, import.meta.url), "utf8")) as {
        $defs: { verdict: unknown };
      };
    expect(schemaOf("probe-watch").$defs.verdict).toEqual(schemaOf("probe").$defs.verdict);
  });
});
