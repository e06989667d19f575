import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { answering, httpBackend } from "./support/http-backend.ts";
import { diagnoseLive, type LiveDiagnosis } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { closedPortAt, httpAt } from "./support/servers.ts";
import { certificate, host, intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls } from "./support/tls-scene.ts";

const gatewayId =
  "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network/applicationGateways/agw-live";
const healthy = answering(({ path }) => (path === "/health" || path === "/" ? 200 : 404));
const shortened = (servers: readonly string[], port: number) => ({
  name: "shop",
  servers,
  port,
  probe: { timeout: 1 },
  setting: { requestTimeout: 1 },
});

function expectWell(seen: LiveDiagnosis, outcome: "ok" | "unknown" = "ok"): void {
  expect({ roots: seen.roots, code: seen.code }).toEqual({ roots: [], code: 0 });
  expect(new Set(seen.routes.map((route) => route.outcome))).toEqual(new Set([outcome]));
}

function reportOf(address: string, health: string, log: string) {
  return {
    backendAddressPools: [
      {
        backendAddressPool: { id: `${gatewayId}/backendAddressPools/pool-shop` },
        backendHttpSettingsCollection: [
          {
            backendHttpSettings: { id: `${gatewayId}/backendHttpSettingsCollection/set-shop` },
            servers: [{ address, health, healthProbeLog: log }],
          },
        ],
      },
    ],
  };
}

describe("odd configurations whose servers are well", () => {
  test("a name with two addresses, both well", async () => {
    const [one, two] = [ownAddress(), ownAddress()];
    await using first = await httpAt(one, healthy);
    await using _second = await httpAt(two, healthy, first.port);
    const name = "shop.servers.example";
    const around = { systemLookup: async () => ({ addresses: [one, two] }) };
    const documents = { "gateway.json": gatewayOf([shortened([name], first.port)]) };
    expectWell(await diagnoseLive(documents, [], around));
  });

  test("a v1 gateway, and IPv6 in a name", async () => {
    await using server = await httpAt("::1", healthy);
    const name = "six.servers.example";
    const documents = {
      "gateway.json": gatewayOf([shortened([name], server.port)], {
        sku: { name: "Standard_Medium", tier: "Standard", capacity: 2 },
      }),
    };
    expectWell(await diagnoseLive(documents, ["--backend", `${name}=[::1]`]));
  });

  /** Documents whose every rule has a rewrite set of one rule. */
  const rewriting = (address: string, port: number, rule: object) => {
    const base = gatewayOf([shortened([address], port)]);
    const set = { id: `${gatewayId}/rewriteRuleSets/set`, name: "set" };
    const rewriteRules = [{ name: "path", ruleSequence: 1, conditions: [], ...rule }];
    const requestRoutingRules = base.requestRoutingRules.map((one) => ({
      ...one,
      rewriteRuleSet: { id: set.id },
    }));
    return { "gateway.json": { ...base, rewriteRuleSets: [{ ...set, rewriteRules }], requestRoutingRules } };
  };
  /** Hangs up on whoever asks for anything else, and keeps what was asked. */
  const only = (paths: readonly string[], asked: Set<string>): RequestListener => {
    return ({ url = "", socket }, response) => {
      asked.add(url);
      if (paths.includes(url)) response.end("fine");
      else socket.destroy();
    };
  };
  const toHealth = { urlConfiguration: { modifiedPath: "/health", reroute: false } };

  test("a rewrite set: servers are asked what it makes of requests", async () => {
    const asked = new Set<string>();
    await using server = await httpBackend(only(["/health"], asked));
    const { address, port } = server;
    expectWell(await diagnoseLive(rewriting(address, port, { actionSet: toHealth })));
    expect(asked).toEqual(new Set(["/health"]));
    const conditions = [{ variable: "var_uri_path", pattern: "^/never" }];
    const failing = await diagnoseLive(rewriting(address, port, { actionSet: toHealth, conditions }));
    expect(asked).toEqual(new Set(["/health", "/"]));
    expect(failing.routes).not.toMatchObject([{ outcome: "ok" }]);
  });

  test("a query that a rewrite set makes is known again in a recording that withholds it", async () => {
    const asked = new Set<string>();
    await using server = await httpBackend(only(["/health", "/?v=s3cret"], asked));
    const actionSet = { urlConfiguration: { modifiedQueryString: "v=s3cret", reroute: false } };
    const seen = await diagnoseLive(rewriting(server.address, server.port, { actionSet }));
    expectWell(seen);
    expect(asked).toContain("/?v=s3cret");
    expect(seen.recorded.join("\n")).not.toContain("s3cret");
  });

  test("a rewrite set that depends on who asks: the route is neither ok nor failing by that", async () => {
    const asked = new Set<string>();
    await using server = await httpBackend(only(["/health"], asked));
    const conditions = [{ variable: "var_client_ip", pattern: "^10" }];
    const seen = await diagnoseLive(
      rewriting(server.address, server.port, { actionSet: toHealth, conditions }),
    );
    expect(asked).toEqual(new Set(["/health"]));
    expect({ roots: seen.roots, code: seen.code }).toEqual({ roots: [], code: 0 });
  });

  test("a redirect only", async () => {
    await using server = await httpBackend(healthy);
    const base = gatewayOf([shortened([server.address], server.port)]);
    const redirect = { id: `${gatewayId}/redirectConfigurations/away`, name: "away" };
    const [rule] = base.requestRoutingRules;
    const documents = {
      "gateway.json": {
        ...base,
        redirectConfigurations: [
          { ...redirect, redirectType: "Permanent", targetUrl: "https://www.contoso.example" },
        ],
        requestRoutingRules: [
          {
            ...rule,
            backendAddressPool: undefined,
            backendHttpSettings: undefined,
            redirectConfiguration: { id: redirect.id },
          },
        ],
      },
    };
    const seen = await diagnoseLive(documents);
    expect({ roots: seen.roots, code: seen.code }).toEqual({ roots: [], code: 0 });
  });

  test("two rules on one pool", async () => {
    await using server = await httpBackend(healthy);
    const shop = shortened([server.address], server.port);
    const base = gatewayOf([shop, { ...shop, name: "api" }]);
    const documents = {
      "gateway.json": {
        ...base,
        requestRoutingRules: base.requestRoutingRules.map((rule) => ({
          ...rule,
          backendAddressPool: { id: `${gatewayId}/backendAddressPools/pool-shop` },
        })),
      },
    };
    expectWell(await diagnoseLive(documents));
  });

  test("one of two servers is down: degraded, not failing, and it is named", async () => {
    await using server = await httpBackend(healthy);
    const down = ownAddress();
    const documents = { "gateway.json": gatewayOf([shortened([server.address, down], server.port)]) };
    const seen = await diagnoseLive(documents);
    expect(seen.roots).toEqual(["tcp-refused"]);
    expect(seen.routes).toMatchObject([{ outcome: "degraded" }]);
    expect(seen.finding("tcp-refused").summary).toContain(down);
    expect(seen.finding("tcp-refused").summary).not.toContain(server.address);
  });

  test("the gateway's own report says Healthy and so it is", async () => {
    await using server = await httpBackend(healthy);
    const documents = {
      "gateway.json": gatewayOf([shortened([server.address], server.port)]),
      "health.json": reportOf(server.address, "Healthy", "Success. Received 200 status code"),
    };
    expectWell(await diagnoseLive(documents));
  });

  test("the report is older: Unhealthy for 404, and live it is well", async () => {
    await using server = await httpBackend(healthy);
    const documents = {
      "gateway.json": gatewayOf([shortened([server.address], server.port)]),
      "health.json": reportOf(
        server.address,
        "Unhealthy",
        "Received invalid status code: 404 in the backend server's HTTP response. As per the health probe configuration, 200-399 is the acceptable status code. Either modify probe configuration or resolve backend issues.",
      ),
    };
    expectWell(await diagnoseLive(documents));
  });

  test("the report says Healthy, and the server refuses now", async () => {
    const address = ownAddress();
    const port = await closedPortAt(address);
    const documents = {
      "gateway.json": gatewayOf([shortened([address], port)]),
      "health.json": reportOf(address, "Healthy", "Success. Received 200 status code"),
    };
    const seen = await diagnoseLive(documents);
    expect(seen.roots).toEqual(["tcp-refused"]);
  });
});

describe("odd certificates that are well", () => {
  test("a wildcard", async () => {
    const wild = certificate({
      issuer: intermediate,
      commonName: "*.contoso.example",
      names: ["*.contoso.example"],
    });
    expectWell(await seeTls({ server: sending(wild, intermediate) }));
  });

  test("the root is sent too", async () => {
    expectWell(await seeTls({ server: sending(leaf, intermediate, root) }));
  });

  test("the certificate depends on the name asked for", async () => {
    const other = certificate({
      issuer: intermediate,
      commonName: "other.example",
      names: ["other.example"],
    });
    const { createSecureContext } = await import("node:tls");
    const right = createSecureContext(sending(leaf, intermediate));
    const server = {
      ...sending(other, intermediate),
      SNICallback: (name: string, done: (error: Error | null, context?: typeof right) => void) =>
        done(null, name === host ? right : undefined),
    };
    expectWell(await seeTls({ server }));
  });

  test("TLS 1.2 alone, and TLS 1.3 alone", async () => {
    expectWell(await seeTls({ server: { ...sending(leaf, intermediate), maxVersion: "TLSv1.2" } }));
    expectWell(await seeTls({ server: { ...sending(leaf, intermediate), minVersion: "TLSv1.3" } }));
  });

  test("layer 4", async () => {
    const seen = await seeTls({ server: sending(leaf, intermediate), layer4: true });
    expect({ roots: seen.roots, code: seen.code }).toEqual({ roots: [], code: 0 });
  });

  test("a client certificate may be sent and need not", async () => {
    const server = { ...sending(leaf, intermediate), requestCert: true, rejectUnauthorized: false };
    expectWell(await seeTls({ server }));
  });
});
