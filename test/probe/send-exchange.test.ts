import { describe, expect, test } from "vitest";
import { BackendMappings } from "../../src/probe/backend-mapping.ts";
import { observePlan, sendPlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

function mapped(member: string, port: number | undefined, address: string, toPort: number): BackendMappings {
  const all = BackendMappings.of([{ member, port, address, toPort }]);
  if (!(all instanceof BackendMappings)) throw new Error(all.fault);
  return all;
}

const noContent = "HTTP/1.1 204 No Content\r\n\r\n";

describe("where it is sent", () => {
  test("a mapped name is not asked in DNS; the TCP phase tells the real place, the plan stays", async () => {
    await using server = await listen(
      (socket) => socket.once("data", () => socket.end(noContent)),
      "127.0.0.7",
    );
    const mapping = mapped("app.contoso.com", 443, "127.0.0.7", server.port);
    const observation = await observePlan({ port: 443 }, { mapping }, { target: "App.contoso.com" });
    expect(observation).toMatchObject({
      sent: { target: "App.contoso.com", port: 443 },
      dns: undefined,
      tcp: { address: "127.0.0.7", port: server.port, outcome: "connected" },
      http: { status: 204 },
    });
  });

  test("a member mapped for one port is not sent to on another", async () => {
    const mapping = mapped("10.0.1.4", 443, "127.0.0.1", 1);
    const result = await sendPlan({ port: 80 }, { mapping }, { target: "10.0.1.4" });
    expect(result).toEqual({
      notSent: "port-not-mapped",
      detail: "10.0.1.4 is mapped for other ports than 80",
    });
  });

  test("another address instead: the name is not asked, and the address may itself be mapped", async () => {
    await using server = await listen(
      (socket) => socket.once("data", () => socket.end(noContent)),
      "127.0.0.8",
    );
    const straight = await observePlan(
      { port: server.port, manner: { connectTo: "127.0.0.8" } },
      {},
      { target: "app.contoso.com" },
    );
    expect(straight).toMatchObject({ dns: undefined, tcp: { address: "127.0.0.8" }, http: { status: 204 } });
    const mapping = mapped("10.0.1.5", undefined, "127.0.0.8", server.port);
    const through = await observePlan(
      { port: 80, manner: { connectTo: "10.0.1.5" } },
      { mapping },
      { target: "app.contoso.com" },
    );
    expect(through.tcp).toMatchObject({ address: "127.0.0.8", port: server.port, outcome: "connected" });
  });
});
