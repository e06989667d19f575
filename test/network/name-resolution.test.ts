import { describe, expect, test } from "vitest";
import type { DnsRecordSet, PrivateDnsZone } from "../../src/model/dns.ts";
import type { Network } from "../../src/model/model.ts";
import type { VirtualNetwork } from "../../src/model/network.ts";
import { Source } from "../../src/model/source.ts";
import { NameResolver, type ResolveOptions } from "../../src/network/name-resolution.ts";
import type { NameAnswer } from "../../src/network/names.ts";
import { PathAnalyser } from "../../src/network/path-analysis.ts";
import { privateLinkName } from "../../src/network/private-link-suffixes.ts";
import {
  networkInterface,
  networkOf,
  peerBoth,
  privateEndpoint,
  resource,
  rule,
  type SubnetSpec,
  securityGroup,
  subnetOf,
  to,
  toMissing,
  virtualNetwork,
} from "./builder.ts";

const site = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/shop";

function record(name: string, type: DnsRecordSet["type"], ...values: string[]): DnsRecordSet {
  return { name, type, values, ttlS: 300, source: new Source("zone.json", `/${name}`, {}) };
}

interface ZoneSpec {
  readonly linkedTo?: readonly VirtualNetwork[];
  readonly linkState?: string;
  readonly policy?: string;
  readonly linksExported?: boolean;
  readonly recordsExported?: boolean;
}

function zone(zoneName: string, records: readonly DnsRecordSet[], spec: ZoneSpec = {}): PrivateDnsZone {
  return {
    ...resource("privateDnsZones", zoneName),
    zoneName,
    records,
    recordsExported: spec.recordsExported ?? true,
    linksExported: spec.linksExported ?? true,
    links: (spec.linkedTo ?? []).map((network) => ({
      ...resource("privateDnsZones/links", `to-${network.name}`),
      virtualNetworkId: network.id.toUpperCase(),
      linkState: spec.linkState ?? "Completed",
      resolutionPolicy: spec.policy,
    })),
  };
}

function gatewayNetwork(dnsServers: readonly string[] = [], gateway: Partial<SubnetSpec> = {}) {
  return virtualNetwork(
    "vnet",
    "10.0.0.0/16",
    [
      { name: "agw", prefix: "10.0.1.0/24", ...gateway },
      { name: "app", prefix: "10.0.2.0/24" },
    ],
    { dnsServers },
  );
}

function ask(
  home: VirtualNetwork,
  name: string,
  rest: Parameters<typeof networkOf>[1] = {},
  others: readonly VirtualNetwork[] = [],
  options?: ResolveOptions,
): NameAnswer {
  const network: Network = networkOf([home, ...others], rest);
  const resolver = new NameResolver(network, new PathAnalyser(network));
  return resolver.resolve(to(subnetOf(home, "agw")), name, options);
}

const home = gatewayNetwork();
const linkedTo = [home];

describe("private zones of the gateway's network", () => {
  const contoso = [
    record("app", "A", "10.0.2.4", "10.0.2.5"),
    record("www", "CNAME", "app.contoso.internal."),
    record("loop", "CNAME", "loop.contoso.internal"),
    record("@", "A", "10.0.2.9"),
    record("*", "A", "10.0.2.100"),
    record("*.dev", "A", "10.0.2.200"),
    record("box.sub", "A", "10.0.2.60"),
    record("six", "AAAA", "fd00::6"),
  ];

  test.each([
    ["app.contoso.internal", ["10.0.2.4", "10.0.2.5"]],
    ["APP.Contoso.Internal.", ["10.0.2.4", "10.0.2.5"]],
    ["www.contoso.internal", ["10.0.2.4", "10.0.2.5"]],
    ["contoso.internal", ["10.0.2.9"]],
    ["other.contoso.internal", ["10.0.2.100"]],
    ["a.b.contoso.internal", ["10.0.2.100"]],
    ["x.dev.contoso.internal", ["10.0.2.200"]],
    ["six.contoso.internal", ["fd00::6"]],
  ])("%s → %j", (name, addresses) => {
    const answer = ask(home, name, { privateDnsZones: [zone("contoso.internal", contoso, { linkedTo })] });
    expect(answer).toMatchObject({ verdict: "yes", addresses, answeredBy: "private-zone", missing: [] });
    expect(answer.steps.length).toBeGreaterThan(0);
  });

  test("a name that exists only as part of longer ones does not get the wildcard", () => {
    const answer = ask(home, "sub.contoso.internal", {
      privateDnsZones: [zone("contoso.internal", contoso, { linkedTo })],
    });
    expect(answer).toMatchObject({ verdict: "no", reason: "zone-has-no-record" });
  });

  test("aliases that go in circles end", () => {
    const answer = ask(home, "loop.contoso.internal", {
      privateDnsZones: [zone("contoso.internal", contoso, { linkedTo })],
    });
    expect(answer.verdict).toBe("unknown");
  });

  test("a linked zone without the record fails the name; it does not fall back to public DNS", () => {
    const answer = ask(home, "api.contoso.com", { privateDnsZones: [zone("contoso.com", [], { linkedTo })] });
    expect(answer).toMatchObject({ verdict: "no", reason: "zone-has-no-record", answeredBy: "private-zone" });
  });

  test("unless its link redirects", () => {
    const spec = { linkedTo, policy: "NxDomainRedirect" };
    const answer = ask(home, "api.contoso.com", { privateDnsZones: [zone("contoso.com", [], spec)] });
    expect(answer).toMatchObject({ verdict: "unknown", answeredBy: "public-dns", reason: undefined });
  });

  test("the most specific linked zone answers alone", () => {
    const wide = zone("contoso.com", [record("api.eu", "A", "10.0.2.4")], { linkedTo });
    const narrow = zone("eu.contoso.com", [], { linkedTo });
    const name = "api.eu.contoso.com";
    expect(ask(home, name, { privateDnsZones: [wide, narrow] }).verdict).toBe("no");
    const unlinked = zone("eu.contoso.com", []);
    expect(ask(home, name, { privateDnsZones: [wide, unlinked] }).addresses).toEqual(["10.0.2.4"]);
  });

  test.each<[string, ZoneSpec, Partial<NameAnswer>]>([
    ["links not exported", { linksExported: false }, { verdict: "unknown", reason: undefined }],
    ["link not completed", { linkedTo, linkState: "InProgress" }, { verdict: "unknown", reason: undefined }],
    ["records not exported", { linkedTo, recordsExported: false }, { verdict: "unknown", reason: undefined }],
    ["not linked", {}, { verdict: "unknown", reason: "zone-not-linked", answeredBy: "public-dns" }],
  ])("%s", (_, spec, expected) => {
    const records = spec.recordsExported === false ? [] : [record("api", "A", "10.0.2.4")];
    const answer = ask(home, "api.contoso.com", { privateDnsZones: [zone("contoso.com", records, spec)] });
    expect(answer).toMatchObject(expected);
    if (expected.reason === undefined) expect(answer.missing.length).toBe(1);
  });

  test("a name public DNS cannot have fails when its zone is not linked", () => {
    const privateDnsZones = [zone("contoso.internal", [record("api", "A", "10.0.2.4")])];
    expect(ask(home, "api.contoso.internal", { privateDnsZones })).toMatchObject({
      verdict: "no",
      reason: "zone-not-linked",
    });
  });
});

describe("private endpoints", () => {
  const name = "shop.azurewebsites.net";
  const endpoints = [privateEndpoint("pe-shop", "10.0.2.8", subnetOf(home, "app"), site)];
  const records = [record("shop", "A", "10.0.2.8")];
  const zoneName = "privatelink.azurewebsites.net";

  test("with a linked zone the service's name leads to the endpoint", () => {
    const answer = ask(home, name, {
      privateEndpoints: endpoints,
      privateDnsZones: [zone(zoneName, records, { linkedTo })],
    });
    expect(answer).toMatchObject({ verdict: "yes", addresses: ["10.0.2.8"], answeredBy: "private-zone" });
    expect(answer.steps.map(({ says }) => says).join()).toContain("shop.privatelink.azurewebsites.net");
  });

  test("a record in the linked zone is enough to know of an endpoint", () => {
    const answer = ask(home, name, { privateDnsZones: [zone(zoneName, records, { linkedTo })] });
    expect(answer.addresses).toEqual(["10.0.2.8"]);
  });

  test.each<[string, readonly PrivateDnsZone[], readonly string[], Partial<NameAnswer>]>([
    ["zone not linked", [zone(zoneName, records)], [], { verdict: "unknown", reason: "zone-not-linked" }],
    [
      "zone linked, no record",
      [zone(zoneName, [], { linkedTo })],
      [],
      { verdict: "no", reason: "zone-has-no-record" },
    ],
    ["no zone, zones listed", [], ["privatednszones"], { verdict: "unknown", reason: "zone-missing" }],
    ["no zone, zones not listed", [], [], { verdict: "unknown", reason: undefined }],
  ])("%s", (_, privateDnsZones, listed, expected) => {
    expect(ask(home, name, { privateEndpoints: endpoints, privateDnsZones, listed })).toMatchObject(expected);
  });

  test("a linked zone without a record says nothing about services that have no endpoint", () => {
    const answer = ask(home, "other.azurewebsites.net", {
      privateEndpoints: endpoints,
      privateDnsZones: [zone(zoneName, [], { linkedTo })],
      listed: ["privatednszones"],
    });
    expect(answer).toMatchObject({ verdict: "unknown", answeredBy: "public-dns", reason: undefined });
  });

  test("a connection that was not approved changes no name", () => {
    const pending = [{ ...endpoints[0], connectionState: "Pending" } as (typeof endpoints)[number]];
    const privateDnsZones = [zone(zoneName, [], { linkedTo })];
    expect(ask(home, name, { privateEndpoints: pending, privateDnsZones }).reason).toBeUndefined();
  });

  test("a zone for the whole public suffix shadows every service", () => {
    const privateDnsZones = [zone("azurewebsites.net", [], { linkedTo })];
    expect(ask(home, "other.azurewebsites.net", { privateDnsZones })).toMatchObject({
      verdict: "no",
      reason: "zone-has-no-record",
    });
  });

  test.each([
    ["shop.azurewebsites.net", "shop.privatelink.azurewebsites.net"],
    ["shop.scm.azurewebsites.net", "shop.scm.privatelink.azurewebsites.net"],
    ["kv.vault.azure.net", "kv.privatelink.vaultcore.azure.net"],
    ["st.blob.core.windows.net", "st.privatelink.blob.core.windows.net"],
    ["app.env.westeurope.azurecontainerapps.io", "app.env.privatelink.westeurope.azurecontainerapps.io"],
    ["apim.azure-api.net", "apim.privatelink.azure-api.net"],
    ["azurewebsites.net", undefined],
    ["shop.privatelink.azurewebsites.net", undefined],
    ["www.contoso.com", undefined],
  ])("%s leads to %s", (public_, expected) => expect(privateLinkName(public_)).toBe(expected));
});

describe("names of internal services", () => {
  const environment = {
    ...resource("x", "env"),
    defaultDomain: "hill-1234.westeurope.azurecontainerapps.io",
    staticIp: "10.0.2.50",
    internal: true,
  };
  const name = "api.hill-1234.westeurope.azurecontainerapps.io";

  test("without a zone nobody answers them", () => {
    const listed = ["privatednszones"];
    expect(ask(home, name, { containerAppsEnvironments: [environment], listed })).toMatchObject({
      verdict: "no",
      reason: "zone-missing",
    });
    expect(ask(home, name, { containerAppsEnvironments: [environment] })).toMatchObject({
      verdict: "unknown",
    });
    const external = { ...environment, internal: false };
    expect(ask(home, name, { containerAppsEnvironments: [external], listed })).toMatchObject({
      verdict: "unknown",
    });
  });

  test("with a wildcard in a linked zone they resolve", () => {
    const records = [record("*", "A", "10.0.2.50")];
    const privateDnsZones = [zone(environment.defaultDomain, records, { linkedTo })];
    const answer = ask(home, name, { containerAppsEnvironments: [environment], privateDnsZones });
    expect(answer.addresses).toEqual(["10.0.2.50"]);
  });
});

describe("public names", () => {
  test("public DNS decides, and no document would", () => {
    expect(ask(home, "www.contoso.com")).toMatchObject({
      verdict: "unknown",
      answeredBy: "public-dns",
      reason: undefined,
      missing: [],
    });
  });

  test("names of exported public addresses are known", () => {
    const pip = {
      ...resource("publicIPAddresses", "pip"),
      ipAddress: "20.1.2.3",
      fqdn: "app.westeurope.cloudapp.azure.com",
      idleTimeoutMinutes: undefined,
    };
    expect(ask(home, "app.westeurope.cloudapp.azure.com", { publicIpAddresses: [pip] })).toMatchObject({
      verdict: "yes",
      addresses: ["20.1.2.3"],
    });
  });

  test("an alias from a private zone to a public name ends at public DNS without blame", () => {
    const records = [record("api", "CNAME", "contoso.trafficmanager.net")];
    const privateDnsZones = [zone("contoso.com", records, { linkedTo })];
    const answer = ask(home, "api.contoso.com", { privateDnsZones, listed: ["privatednszones"] });
    expect(answer).toMatchObject({ verdict: "unknown", answeredBy: "public-dns", reason: undefined });
  });

  test("an address is its own answer", () => {
    expect(ask(home, "10.0.2.4")).toMatchObject({ verdict: "yes", addresses: ["10.0.2.4"] });
  });

  test("without the gateway's network nothing is known", () => {
    const resolver = new NameResolver(networkOf([]), new PathAnalyser(networkOf([])));
    const lost = resolver.resolve(toMissing(`${home.id}/subnets/agw`), "a.b");
    expect(lost).toMatchObject({ verdict: "unknown", missing: [{ resourceId: home.id }] });
    expect(resolver.resolve(undefined, "a.b").verdict).toBe("unknown");
  });
});

describe("custom servers", () => {
  const servers = ["10.0.2.10", "10.0.2.11"];
  const denyDns = (spec: object) =>
    securityGroup("nsg", rule("no-dns", 100, "Deny", { direction: "Outbound", ...spec }));

  test("public names are theirs to answer", () => {
    expect(ask(gatewayNetwork(servers), "www.contoso.com")).toMatchObject({
      verdict: "unknown",
      answeredBy: "custom-servers",
      reason: undefined,
    });
  });

  test("the platform's own address among the settings is the platform", () => {
    const custom = gatewayNetwork(["168.63.129.16"]);
    const privateDnsZones = [zone("contoso.com", [record("api", "A", "10.0.2.4")], { linkedTo: [custom] })];
    expect(ask(custom, "api.contoso.com", { privateDnsZones }).verdict).toBe("yes");
  });

  test("when port 53 is cut off to all of them, names fail", () => {
    const cut = gatewayNetwork(servers, { group: denyDns({ port: "53", to: "10.0.2.0/24" }) });
    const answer = ask(cut, "www.contoso.com");
    expect(answer).toMatchObject({ verdict: "no", reason: "servers-unreachable" });
    expect(answer.steps.at(-1)?.says).toContain("no-dns");
  });

  test.each<[string, object]>([
    ["one server is still reached", { port: "53", to: "10.0.2.10" }],
    ["only tcp is cut off", { port: "53", protocol: "tcp" }],
    ["some instances are not cut off", { port: "53", from: "10.0.1.4" }],
  ])("not when %s", (_, spec) => {
    const partly = gatewayNetwork(servers, { group: denyDns(spec) });
    expect(ask(partly, "www.contoso.com").verdict).toBe("unknown");
  });

  test("Azure's own names go to the platform, unless the gateway is isolated", () => {
    const cut = gatewayNetwork(servers, { group: denyDns({ port: "53" }) });
    expect(ask(cut, "kv.vaultcore.azure.net").answeredBy).toBe("public-dns");
    expect(ask(cut, "kv.vaultcore.azure.net", {}, [], { networkIsolated: true }).verdict).toBe("no");
    expect(ask(cut, "azure.net.contoso.com").verdict).toBe("no");
  });

  describe("private names, asked at a server in a hub", () => {
    const records = [record("shop", "A", "10.0.2.8")];
    const withHub = (link: "hub" | "gateway" | "none") => {
      const custom = gatewayNetwork(["10.9.0.4"]);
      const hub = virtualNetwork("hub", "10.9.0.0/16", [{ name: "dns", prefix: "10.9.0.0/24" }]);
      peerBoth(custom, hub);
      const linked = { hub: [hub], gateway: [custom], none: [] }[link];
      return ask(
        custom,
        "shop.azurewebsites.net",
        {
          privateDnsZones: [zone("privatelink.azurewebsites.net", records, { linkedTo: linked })],
          networkInterfaces: [networkInterface("nic-dns", "10.9.0.4", subnetOf(hub, "dns"))],
        },
        [hub],
      );
    };

    test.each([
      ["hub", "custom-servers-decide"],
      ["gateway", "zone-not-linked"],
      ["none", "zone-not-linked"],
    ] as const)("zone linked to %s: %s", (link, reason) => {
      expect(withHub(link)).toMatchObject({ verdict: "unknown", answeredBy: "custom-servers", reason });
    });
  });
});

describe("names without a dot", () => {
  const machine = {
    ...networkInterface("nic", "10.0.2.4", subnetOf(home, "app")),
    virtualMachine: toMissing("/vms/app1"),
  };

  test("a machine of the same network has the name", () => {
    expect(ask(home, "APP1", { networkInterfaces: [machine as never] })).toMatchObject({
      verdict: "yes",
      addresses: ["10.0.2.4"],
      answeredBy: "azure-dns",
    });
  });

  test.each<[string, readonly string[], string]>([
    ["everything listed", ["microsoft.network/networkinterfaces", "microsoft.compute/virtualmachines"], "no"],
    ["nothing listed", [], "unknown"],
  ])("no machine has it: %s", (_, types, verdict) => {
    expect(ask(home, "backend", { listedTypes: new Set(types) })).toMatchObject({
      verdict,
      reason: "single-label",
    });
  });

  test("custom servers may know a search domain", () => {
    expect(ask(gatewayNetwork(["10.0.2.10"]), "backend")).toMatchObject({
      verdict: "unknown",
      reason: "single-label",
      answeredBy: "custom-servers",
    });
  });
});
