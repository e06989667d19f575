import { describe, expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { refused, servfail } from "../support/dns-server.ts";
import {
  type DnsWorld,
  diagnoseNames,
  dnsServersWritten,
  endpointDocuments,
  groupDocuments,
  healthReport,
  type Names,
  zoneDocuments,
} from "./support/dns-world.ts";
import { answering, httpBackend } from "./support/http-backend.ts";
import { ownAddress } from "./support/own-address.ts";

interface Place {
  readonly address: string;
  readonly port: number;
  /** Another server at the same port. */
  readonly second: string;
  /** Where nobody listens at that port. */
  readonly dead: string;
}

interface DnsCase {
  readonly name: string;
  readonly world: (place: Place) => DnsWorld;
  /** The first root; undefined = nothing is found at all. */
  readonly root: string | undefined;
  readonly certainty?: "proven" | "likely" | "possible";
  readonly helped?: string;
  readonly outcome?: string;
  readonly not?: readonly string[];
  readonly says?: readonly string[];
}

const store = "contoso-orders.azconfig.io";
const orders = "orders.corp.contoso.example";
const silent: Names = { [orders]: "silent" };
const noDns = "The gateway could not create a probe for this backend: its name has no address.";

const otherZone = zoneDocuments("intern.fabrikam.example", { records: {}, linked: true });

/** One backend of one name. */
const named = ({ port }: Place, server = orders): DnsWorld => ({
  backends: [{ name: "shop", servers: [server], port }],
});
/** A service of Azure, asked by its own name. */
const storeOf = ({ port }: Place): DnsWorld => ({
  backends: [{ name: "shop", servers: [store], port, probe: { host: store }, setting: { hostName: store } }],
});
/** The probe of one that is to wait for DNS that does not answer. */
const hasty = ({ port }: Place): DnsWorld => ({
  backends: [
    {
      name: "shop",
      servers: [orders],
      port,
      probe: { timeout: 1 },
      setting: { requestTimeout: 1 },
    },
  ],
});
const inSubnet = { subnet: "127.55.0.0/24", words: ["--from-address", "127.55.0.9"] };

/** Requests that an address gave no answer to, so many seconds ago. */
function rowsTo(address: string, agoS: number): readonly unknown[] {
  return Array.from({ length: 6 }, (_, index) => ({
    timeStamp: new Date(Date.now() - (agoS + index) * 1000).toISOString(),
    operationName: "ApplicationGatewayAccess",
    category: "ApplicationGatewayAccessLog",
    properties: {
      instanceId: "appgw_0",
      clientIP: "203.0.113.9",
      httpMethod: "GET",
      requestUri: "/",
      httpStatus: 502,
      httpVersion: "HTTP/1.1",
      host: "shop.contoso.example",
      timeTaken: 3.1,
      serverRouted: `${address}:8080`,
      serverStatus: "",
      error_info: "ERRORINFO_UPSTREAM_NO_LIVE",
    },
  }));
}

const cases: readonly DnsCase[] = [
  {
    name: "the name exists at no server: dns-fqdn-wrong",
    world: (place) => ({ ...named(place), own: [{}], compare: [{}] }),
    root: "dns-fqdn-wrong",
    says: [
      `asked as the gateway asks, says that ${orders} does not exist`,
      `asked to compare, says that ${orders} does not exist`,
      `this machine's resolver says that ${orders} does not exist`,
    ],
    not: ["dns-custom-cannot-resolve"],
  },
  {
    name: "a name that nobody can be asked for: dns-fqdn-wrong",
    world: (place) => ({ ...named(place, "orders..corp.contoso.example"), own: [{}] }),
    root: "dns-fqdn-wrong",
    says: ["is no name that DNS can be asked for"],
  },
  {
    name: "the platform answers the gateway, and two others deny the name: dns-fqdn-wrong",
    world: (place) => ({ ...named(place), compare: [{}], more: otherZone }),
    root: "dns-fqdn-wrong",
  },
  {
    // This machine's resolver may have reasons of its own.
    name: "the same with one who denies it: dns-fqdn-wrong, likely",
    world: (place) => ({ ...named(place), more: otherZone }),
    root: "dns-fqdn-wrong",
    certainty: "likely",
  },
  {
    name: "two deny the name, but a zone that was not exported may have it: dns-fqdn-wrong, likely",
    world: (place) => ({ ...named(place), compare: [{}] }),
    root: "dns-fqdn-wrong",
    certainty: "likely",
  },
  {
    name: "a server for comparison has it: not dns-fqdn-wrong but dns-custom-cannot-resolve",
    world: (place) => ({ ...named(place), own: [{}], compare: [{ [orders]: [place.address] }] }),
    root: "dns-custom-cannot-resolve",
    outcome: "fails",
    helped: "DNS server",
    not: ["dns-fqdn-wrong"],
  },
  {
    name: "this machine's resolver has it: dns-custom-cannot-resolve",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: servfail }],
      system: { [orders]: [place.address] },
    }),
    root: "dns-custom-cannot-resolve",
    helped: "DNS server",
    says: [`gives no answer for ${orders} but SERVFAIL`, `this machine's resolver answers ${orders} with`],
    not: ["dns-fqdn-wrong"],
  },
  {
    // Whether anything else is wrong there nobody has looked.
    name: "the same without experiments: likely",
    world: (place) => ({
      ...named(place),
      own: [{}],
      system: { [orders]: [place.address] },
      words: ["--experiments", "off"],
    }),
    root: "dns-custom-cannot-resolve",
    certainty: "likely",
    not: ["dns-fqdn-wrong"],
  },
  {
    // Servers may refuse strangers: what the gateway gets is not known.
    name: "the gateway's server refuses to answer us: dns-custom-cannot-resolve, possible",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: refused }],
      system: { [orders]: [place.address] },
    }),
    root: "dns-custom-cannot-resolve",
    certainty: "possible",
  },
  {
    name: "two servers disagree, the first denies: dns-inconsistent-servers",
    world: (place) => ({ ...named(place), own: [{}, { [orders]: [place.address] }] }),
    root: "dns-inconsistent-servers",
    helped: "DNS server",
    not: ["dns-fqdn-wrong", "dns-custom-cannot-resolve"],
  },
  {
    name: "two servers have different addresses, and that of the first is dead: dns-inconsistent-servers",
    world: (place) => ({ ...named(place), own: [{ [orders]: [place.dead] }, { [orders]: [place.address] }] }),
    root: "dns-inconsistent-servers",
    helped: "address",
    not: ["tcp-refused", "dns-stale-address"],
  },
  {
    name: "both deny and a third has it: not dns-inconsistent-servers",
    world: (place) => ({ ...named(place), own: [{}, {}], system: { [orders]: [place.address] } }),
    root: "dns-custom-cannot-resolve",
    not: ["dns-inconsistent-servers"],
  },
  {
    name: "in the gateway's subnet its server is silent: dns-server-unreachable",
    world: (place) => ({ ...hasty(place), ...inSubnet, own: [silent] }),
    root: "dns-server-unreachable",
    says: [`does not answer when asked for ${orders}`],
    not: ["dns-fqdn-wrong", "dns-custom-cannot-resolve"],
  },
  {
    name: "silent there, and the network's servers were written since: no restart helps, dns-server-unreachable",
    world: (place) => ({
      ...hasty(place),
      ...inSubnet,
      own: [silent],
      more: dnsServersWritten(["10.10.5.4"], { restarted: false }),
    }),
    root: "dns-server-unreachable",
    not: ["dns-not-restarted"],
  },
  {
    name: "it answers there that the name does not exist: not dns-server-unreachable",
    world: (place) => ({ ...hasty(place), ...inSubnet, own: [{}] }),
    root: "dns-fqdn-wrong",
    not: ["dns-server-unreachable"],
  },
  {
    // The way from here may be what is cut.
    name: "elsewhere its server is silent, and the gateway's report says so too: dns-server-unreachable, likely",
    world: (place) => ({
      ...hasty(place),
      own: [silent],
      more: healthReport("shop", orders, "Unhealthy", noDns),
    }),
    root: "dns-server-unreachable",
    certainty: "likely",
  },
  {
    name: "a name without a domain that the gateway's server does not know: dns-short-name",
    world: (place) => ({ ...named(place, "orders"), own: [{}], system: { orders: [place.address] } }),
    root: "dns-short-name",
    helped: "DNS server",
    not: ["dns-fqdn-wrong", "dns-custom-cannot-resolve"],
  },
  {
    name: "a name without a domain that it knows: nothing",
    world: (place) => ({ ...named(place, "orders"), own: [{ orders: [place.address] }] }),
    root: undefined,
  },
  {
    name: "the zone has another address than the gateway is given, and there it serves: dns-stale-address",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.dead] }],
      more: zoneDocuments("corp.contoso.example", { records: { orders: place.address }, linked: true }),
    }),
    root: "dns-stale-address",
    helped: "address",
    not: ["tcp-refused"],
  },
  {
    name: "the log has requests of just now to an address that the name had before: dns-stale-address",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: { "access-log.json": rowsTo(place.dead, 10) },
    }),
    root: "dns-stale-address",
    certainty: "likely",
    outcome: "degraded",
    says: [`a request went to 127.`],
  },
  {
    name: "those requests are older than an answer may be kept: not dns-stale-address",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: { "access-log.json": rowsTo(place.dead, 7_200) },
    }),
    root: undefined,
  },
  {
    name: "the zone has the same dead address: not dns-stale-address",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.dead] }],
      more: zoneDocuments("corp.contoso.example", { records: { orders: place.dead }, linked: true }),
    }),
    root: "tcp-refused",
    not: ["dns-stale-address"],
  },
  {
    name: "one of two addresses is dead: dns-stale-address, degraded",
    world: (place) => ({ ...named(place), own: [{ [orders]: [place.dead, place.address] }] }),
    root: "dns-stale-address",
    outcome: "degraded",
    not: ["tcp-refused"],
  },
  {
    name: "both addresses are dead: not dns-stale-address",
    world: (place) => ({ ...named(place), own: [{ [orders]: [place.dead, "127.56.0.7"] }] }),
    root: "tcp-refused",
    not: ["dns-stale-address"],
  },
  {
    name: "both addresses serve: nothing",
    world: (place) => ({ ...named(place), own: [{ [orders]: [place.address, place.second] }] }),
    root: undefined,
  },
  {
    name: "the zone has the name and the server that asks is not linked: dns-zone-not-linked",
    world: (place) => ({
      ...named(place),
      own: [{}],
      more: zoneDocuments("corp.contoso.example", { records: { orders: place.address }, linked: false }),
    }),
    root: "dns-zone-not-linked",
    not: ["dns-custom-cannot-resolve", "dns-fqdn-wrong"],
  },
  {
    name: "the name leads past the zone that is not linked to another address: dns-zone-not-linked",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.dead] }],
      more: zoneDocuments("corp.contoso.example", { records: { orders: place.address }, linked: false }),
    }),
    root: "dns-zone-not-linked",
    not: ["tcp-refused", "dns-stale-address"],
  },
  {
    name: "the zone is linked and the server still denies the name: not dns-zone-not-linked",
    world: (place) => ({
      ...named(place),
      own: [{}],
      more: zoneDocuments("corp.contoso.example", { records: { orders: place.address }, linked: true }),
    }),
    root: "dns-custom-cannot-resolve",
    not: ["dns-zone-not-linked", "dns-zone-shadow"],
  },
  {
    name: "the linked zone lacks the record: dns-zone-shadow",
    world: (place) => ({
      ...named(place),
      own: [{}],
      system: { [orders]: [place.address] },
      more: zoneDocuments("corp.contoso.example", { records: { other: place.address }, linked: true }),
    }),
    root: "dns-zone-shadow",
    not: ["dns-custom-cannot-resolve", "dns-fqdn-wrong"],
  },
  {
    name: "the linked zone lacks the record, but the gateway's server has one: nothing is wrong now",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: zoneDocuments("corp.contoso.example", { records: { other: place.address }, linked: true }),
    }),
    root: undefined,
  },
  {
    name: "the present servers answer, the gateway was not restarted since and reports no address: dns-not-restarted",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: {
        ...healthReport("shop", orders, "Unhealthy", noDns),
        ...dnsServersWritten(["10.10.5.4"], { restarted: false }),
      },
    }),
    root: "dns-not-restarted",
    not: ["dns-custom-cannot-resolve", "dns-fqdn-wrong"],
  },
  {
    name: "the same, asked in the gateway's own subnet, where all is well for whoever starts now: dns-not-restarted",
    world: (place) => ({
      ...named(place),
      ...inSubnet,
      own: [{ [orders]: [place.address] }],
      more: {
        ...healthReport("shop", orders, "Unhealthy", noDns),
        ...dnsServersWritten(["10.10.5.4"], { restarted: false }),
      },
    }),
    root: "dns-not-restarted",
    certainty: "likely",
  },
  {
    name: "in the gateway's own subnet all is well, and the gateway was started since: its report is older",
    world: (place) => ({
      ...named(place),
      ...inSubnet,
      own: [{ [orders]: [place.address] }],
      more: {
        ...healthReport("shop", orders, "Unhealthy", noDns),
        ...dnsServersWritten(["10.10.5.4"], { restarted: true }),
      },
    }),
    root: undefined,
  },
  {
    name: "the present servers do not answer with an address either: not dns-not-restarted",
    world: (place) => ({
      ...named(place),
      own: [{}],
      system: { [orders]: [place.address] },
      more: {
        ...healthReport("shop", orders, "Unhealthy", noDns),
        ...dnsServersWritten(["10.10.5.4"], { restarted: false }),
      },
    }),
    root: "dns-custom-cannot-resolve",
    not: ["dns-not-restarted"],
  },
  {
    name: "a private endpoint without a zone, and its public address is dead: dns-zone-missing",
    world: (place) => ({
      ...storeOf(place),
      own: [{ [store]: [place.dead] }],
      more: {
        ...zoneDocuments("corp.contoso.example", { records: {}, linked: true }),
        ...endpointDocuments(store, place.address),
      },
    }),
    root: "dns-zone-missing",
    not: ["tcp-refused", "dns-fqdn-wrong"],
  },
  {
    name: "no zone, but the gateway's server has the endpoint's address: not dns-zone-missing",
    world: (place) => ({
      ...storeOf(place),
      own: [{ [store]: [place.address] }],
      more: {
        ...zoneDocuments("corp.contoso.example", { records: {}, linked: true }),
        ...endpointDocuments(store, place.address),
      },
    }),
    root: undefined,
  },
  {
    // A machine elsewhere has another way to the DNS server than the gateway.
    name: "a group cuts the gateway off from its server, which answers us: dns-server-unreachable, likely",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: groupDocuments("Deny"),
    }),
    root: "dns-server-unreachable",
    certainty: "likely",
  },
  {
    name: "the group lets DNS through: nothing",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }],
      more: groupDocuments("Allow"),
    }),
    root: undefined,
  },
  {
    name: "elsewhere its server is silent, and nobody else says so: nothing can be told",
    world: (place) => ({ ...hasty(place), own: [silent] }),
    root: undefined,
    outcome: "unknown",
  },
  {
    name: "all is as it should be: nothing",
    world: (place) => ({
      ...named(place),
      own: [{ [orders]: [place.address] }, { [orders]: [place.address] }],
      system: { [orders]: [place.address] },
    }),
    root: undefined,
  },
];

describe("names, live", () => {
  test.each(cases)(
    "$name",
    async ({ world, root, certainty = "proven", helped, outcome, not = [], says = [] }) => {
      await using server = await httpBackend(answering(() => 200));
      await using second = await httpBackend(
        answering(() => 200),
        server.port,
      );
      const seen = await diagnoseNames(world({ ...server, second: second.address, dead: ownAddress() }));
      expect(seen.roots[0]).toBe(root);
      expect(seen.roots.filter((cause) => not.includes(cause))).toEqual([]);
      if (root === undefined) {
        expect(seen.findings).toEqual([]);
        expect(seen.routes.map((route) => route.outcome)).toEqual([outcome ?? "ok"]);
        return;
      }
      const finding = seen.finding(root);
      expect(finding.certainty).toBe(certainty);
      const evidence = finding.evidence.map((one) => one.says).join("\n");
      for (const text of says) expect(evidence).toContain(text);
      if (helped !== undefined)
        expect(finding.experiments[0]).toMatchObject({ changed: helped, helped: true });
      expect(seen.routes.map((route) => route.outcome)).toEqual([outcome ?? "fails"]);
    },
  );

  test("--compare-dns takes an address", async () => {
    const { code, stderr } = await runCli([
      "diagnose",
      ".",
      "--live",
      "--compare-dns",
      "dns.contoso.example",
    ]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("--compare-dns takes an address like 10.0.0.4"),
    });
  });
});
