import { describe, expect, test } from "vitest";
import type { CauseId } from "../../src/diagnosis/cause-ids.ts";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import { facetsOf } from "../../src/diagnosis/facets/build.ts";
import type { Finding } from "../../src/diagnosis/finding.ts";
import { serversOf } from "../../src/diagnosis/weigh.ts";
import { exchangeOfProbe } from "../../src/health/exchange.ts";
import type { LiveExchange } from "../../src/model/observations.ts";
import type { TcpPhase } from "../../src/model/probe-observation.ts";
import { Source } from "../../src/model/source.ts";
import { loadCase } from "../support/case-folder.ts";
import { observed } from "../support/observed.ts";

/** Cases of the catalogue in which something on the way stops the gateway. */
const network: readonly CauseId[] = [
  "nsg-gw-out",
  "nsg-backend-subnet-in",
  "nsg-backend-nic-in",
  "nsg-instance-ips",
  "nsg-admin-rule",
  "route-gw-blackhole",
  "route-nva-no-forwarding",
  "route-no-path-private",
  "route-kubenet-missing",
  "route-return-asymmetric",
  "firewall-deny",
  "peering-broken",
];

type Place = "inside" | "elsewhere";

/** The finding of a case once its health report is replaced by probes of the servers that it affects. */
async function findingOnceSeen(
  cause: CauseId,
  tcp: Pick<TcpPhase, "outcome">,
  place: Place,
): Promise<Finding | undefined> {
  const { kase, gateway } = await loadCase(cause);
  const claimed = diagnose(kase, gateway).findings.find((finding) => finding.cause === cause);
  const facets = facetsOf(kase, gateway);
  const affected = new Set(
    (claimed === undefined ? [] : serversOf(claimed.affects)).map(({ address }) => address),
  );
  const [prefix = ""] = gateway.subnet?.target?.addressPrefixes ?? [];
  const localAddress = place === "inside" ? prefix.replace(/\d+\/\d+$/, "9") : "192.0.2.9";
  const servers = facets.wiring.pairs.flatMap((pair) => pair.servers);
  const live = servers.flatMap((server): LiveExchange[] => {
    const plan = exchangeOfProbe(gateway.generation, facets.plans.probe(server));
    const { address } = server;
    if ("notSent" in plan || address === undefined || !affected.has(address)) return [];
    const seen = { address, port: plan.port, localAddress, tookMs: 1_000, ...tcp };
    const observation = observed({ sent: { ...plan, target: address }, tcp: seen });
    return [{ source: new Source("seen.ndjson", "line 2", null), observation }];
  });
  expect(live.length).toBeGreaterThan(0);
  const observations = { ...kase.observations, healthReports: [], traffic: undefined, live };
  return diagnose({ ...kase, observations }, gateway).findings.find((finding) => finding.cause === cause);
}

describe.each(network)("%s held against what was sent", (cause) => {
  test("silence towards the gateway's subnet proves it", async () => {
    const finding = await findingOnceSeen(cause, { outcome: "timed-out" }, "inside");
    expect(finding).toMatchObject({ role: "root", certainty: "proven" });
  });

  test("silence elsewhere proves nothing", async () => {
    const finding = await findingOnceSeen(cause, { outcome: "timed-out" }, "elsewhere");
    expect(finding).toMatchObject({ role: "root", certainty: "likely" });
  });

  test.each(["refused", "connected"] as const)("%s in the gateway's subnet denies it", async (outcome) => {
    const finding = await findingOnceSeen(cause, { outcome }, "inside");
    expect(finding?.role ?? "risk").toBe("risk");
  });

  test.each(["refused", "connected"] as const)("%s elsewhere denies nothing", async (outcome) => {
    const finding = await findingOnceSeen(cause, { outcome }, "elsewhere");
    expect(finding).toMatchObject({ role: "root", certainty: "likely" });
  });
});
