import { describe, expect, test } from "vitest";
import type { VirtualNetwork } from "../../src/model/network.ts";
import { Source } from "../../src/model/source.ts";
import { askableServersFor, isInside } from "../../src/network/dns-servers.ts";

const platform = "168.63.129.16";

function homeWith(dnsServers: readonly string[]): VirtualNetwork {
  return {
    id: "/vnet",
    name: "vnet",
    source: new Source("vnet.json", "", {}),
    addressPrefixes: ["10.10.0.0/16"],
    dnsServers,
    subnets: [],
    peerings: [],
    location: undefined,
  };
}

describe("the DNS servers that can be asked in the gateway's place", () => {
  const both = homeWith([platform, "10.10.9.4"]);
  const cases = [
    {
      name: "inside, the platform's in its place among others",
      home: both,
      inside: true,
      asks: both.dnsServers,
    },
    {
      name: "elsewhere the platform's answers for another network",
      home: both,
      inside: false,
      asks: ["10.10.9.4"],
    },
    {
      name: "alone the platform's is the one of the machine",
      home: homeWith([platform]),
      inside: true,
      asks: [],
    },
    { name: "a network without servers of its own", home: homeWith([]), inside: true, asks: [] },
  ];
  test.each(cases)("$name", ({ home, inside, asks }) => {
    const options = { networkIsolated: false, insideHome: inside };
    expect(askableServersFor("app.internal.contoso.example", home, options)).toEqual(asks);
  });

  test("names of Azure are the platform's to answer", () => {
    const options = { networkIsolated: false, insideHome: true };
    expect(askableServersFor("vault.azure.net", both, options)).toEqual([]);
    expect(askableServersFor("vault.azure.net", both, { ...options, networkIsolated: true })).toEqual(
      both.dnsServers,
    );
  });

  test("a machine is inside by any of its addresses", () => {
    expect(isInside(both, ["fe80::1", "127.0.0.1", "10.10.200.7"])).toBe(true);
    expect(isInside(both, ["127.0.0.1", "10.11.0.7", "not an address"])).toBe(false);
  });
});
