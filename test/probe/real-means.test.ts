import { describe, expect, test } from "vitest";
import { BackendMappings } from "../../src/probe/backend-mapping.ts";
import { type RealMeansOptions, realMeans } from "../../src/probe/real-means.ts";
import { sendExchange } from "../../src/probe/send-exchange.ts";
import { a } from "../support/dns-message.ts";
import { dnsServer, nxdomain } from "../support/dns-server.ts";
import { exchangePlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

const name = "app.contoso.com";

function means(options: Partial<RealMeansOptions>) {
  return realMeans({
    dnsServersFor: () => [],
    systemLookup: async () => ({ failed: "ENOTFOUND" }),
    fromAddress: undefined,
    userAgent: "causeway/test",
    signal: undefined,
    ...options,
  });
}

describe("the network as it is", () => {
  test("the gateway's own servers decide; those for comparison are asked beside them", async () => {
    await using own = await dnsServer(({ name }) => [a(name, "10.0.1.4")]);
    await using other = await dnsServer(() => nxdomain);
    const { resolve } = means({ dnsServersFor: () => [own], comparisonServers: [other] });
    const phase = await resolve(name, 3_000, undefined);
    expect(phase.used).toEqual(["10.0.1.4"]);
    expect(phase.answers.map(({ role, rcode }) => [role, rcode])).toEqual([
      ["gateway", "NOERROR"],
      ["comparison", "NXDOMAIN"],
      ["system", undefined],
    ]);
    expect(phase.differing).toEqual({ amongGatewayServers: false, withOthers: true });
  });

  test("nobody is asked for comparison unless named; for each name its own servers", async () => {
    await using own = await dnsServer(({ name }) => [a(name, "10.0.1.4")]);
    const asked: string[] = [];
    const dnsServersFor = (name: string) => {
      asked.push(name);
      return [own];
    };
    const phase = await means({ dnsServersFor }).resolve(name, 3_000, undefined);
    expect(phase.answers.map(({ role }) => role)).toEqual(["gateway", "system"]);
    expect(asked).toEqual([name]);
  });

  test("fields of a client, mappings and our name are sent with", async () => {
    let request = "";
    await using server = await listen((socket) =>
      socket.once("data", (data) => {
        request = data.toString("latin1");
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      }),
    );
    const mapping = BackendMappings.of([
      { member: name, port: 80, address: "127.0.0.1", toPort: server.port },
    ]);
    if (!(mapping instanceof BackendMappings)) throw new Error(mapping.fault);
    const clientFields = new Map([["x-contoso", "1"]]);
    const plan = exchangePlan({ clientFields: ["x-contoso"] });
    const result = await sendExchange(
      { plan, target: name, fromAddress: undefined },
      means({ mapping, clientFields }),
    );
    expect(result).toMatchObject({ dns: undefined, http: { status: 204 } });
    expect(request).toContain("\r\nUser-Agent: causeway/test\r\nAccept: */*\r\nx-contoso: 1\r\n");
  });
});
