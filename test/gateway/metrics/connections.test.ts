import { connect } from "node:net";
import { expect, test } from "vitest";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { gateText } from "../../../src/gateway/limits/gate-text.ts";
import { Backends, plenty } from "../exchange/scene.ts";
import { shop } from "../exchange/shop.ts";
import { Caller, echo, Servers, served } from "../layer4/scene.ts";

const upgrade = (protocol: string): string =>
  `GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;

/** The vendor's three, in the order of the text. */
function figures(gate: Gate): (number | undefined)[] {
  const text = gateText(gate);
  return ["current_connections", "new_connections", "web_socket_active_connections"].map((name) => {
    const value = new RegExp(`^azure_${name} (\\d+)$`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  });
}

test("connections and WebSockets count while they are open", async () => {
  const switched = (protocol: string): string =>
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
  await using backends = await Backends.of({
    "127.41.5.1": (text, socket) => {
      const protocol = /^upgrade: (\S+)/im.exec(text)?.[1] ?? "";
      if (text.endsWith("\r\n\r\n")) socket.write(switched(protocol));
    },
  });
  const gate = new Gate(plenty);
  await using scene = await shop(backends, ["127.41.5.1"], { means: { gate } });
  expect(figures(gate)).toEqual([0, 0, 0]);
  using chat = new Caller(connect(scene.port, "127.0.0.1"));
  chat.socket.write(upgrade("websocket"));
  await chat.got("101 Switching");
  using other = new Caller(connect(scene.port, "127.0.0.1"));
  other.socket.write(upgrade("other/1"));
  await other.got("101 Switching");
  expect(figures(gate)).toEqual([2, 2, 1]);
  chat.socket.resetAndDestroy();
  other.socket.resetAndDestroy();
  await scene.recorded(2);
  while (gate.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(figures(gate)).toEqual([0, 2, 0]);
});

test("connections of layer 4 count, and beyond the limit are reset with a record", async () => {
  await using servers = await Servers.of({ "127.41.5.2": echo });
  const gate = new Gate({ ...plenty, connections: 1, connectionsPerClient: 1 });
  await using scene = await served({ members: ["127.41.5.2"], port: servers.port }, { gate });
  using first = Caller.to(scene.port);
  first.socket.write("one");
  await first.got("one");
  using second = Caller.to(scene.port);
  await second.closed();
  expect((await scene.recorded(1))[0]).toMatchObject({ status: 503, ending: "KR", attempts: [] });
  expect(figures(gate)).toEqual([1, 2, 0]);
  first.socket.end();
  await first.closed();
  await scene.recorded(2);
  expect(figures(gate)).toEqual([0, 2, 0]);
});
