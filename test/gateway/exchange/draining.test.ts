import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { answers, Backends, freePort, preparedFor, Scene, type Script, talkTo } from "./scene.ts";

const [leaving, staying] = ["127.30.4.1", "127.30.4.2"];
const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
const ask = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** Answers when the test says so: what is asked, and the word. */
function held() {
  let came = (): void => {};
  const asked = new Promise<void>((resolve) => {
    came = resolve;
  });
  const send: ((bytes: string) => void)[] = [];
  const script: Script = (text, socket) => {
    if (!text.includes("\r\n\r\n")) return;
    if (send.length === 0) send.push((bytes) => void socket.write(bytes, "latin1"));
    came();
  };
  return { script, asked, say: (bytes: string) => send[0]?.(bytes) };
}

/** A request at the server that leaves, which then leaves; `drainS`: the time it has. */
async function left(script: Script, drainS: number, bytes = ask) {
  const backends = await Backends.of({ [leaving]: script, [staying]: ok });
  const port = await freePort();
  const prepared = (members: readonly string[], requestTimeout = 20) =>
    preparedFor(
      {
        listeners: [{ name: "web", protocol: "Http", port: 80, to: "app" }],
        members,
        setting: {
          port: backends.port,
          requestTimeout,
          connectionDraining: { enabled: true, drainTimeoutInSec: drainS },
        },
      },
      [port],
    );
  const scene = await Scene.of(prepared([leaving]));
  const got = talkTo(port, bytes);
  return {
    scene,
    got,
    leave: async () => {
      await scene.server.reload(prepared([staying]));
      scene.allUp();
    },
    other: () => scene.server.reload(prepared([leaving], 21)),
    ask: () => talkTo(port, ask),
    [Symbol.asyncDispose]: async () => {
      await scene[Symbol.asyncDispose]();
      await backends[Symbol.asyncDispose]();
    },
  };
}

describe("a request at a server that leaves the pool", () => {
  test("ends with its answer, when that comes within the drain time", async () => {
    const server = held();
    await using world = await left(server.script, 30);
    await server.asked;
    await world.leave();
    // New ones go elsewhere meanwhile.
    expect(await world.ask()).toMatch(/^HTTP\/1.1 200 /);
    server.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    expect(await world.got).toMatch(/^HTTP\/1.1 200 .*late$/s);
    const members = world.scene.records.map(({ attempts: [first] }) => first?.member);
    expect(members).toEqual([staying, leaving]);
  });

  test("gets 502 with its cause when the drain time is over first, and is not sent again", async () => {
    const server = held();
    await using world = await left(server.script, 1);
    await server.asked;
    await world.leave();
    const text = await world.got;
    expect(text).toMatch(/^HTTP\/1.1 502 /);
    expect(text).toContain("X-Causeway-Cause: drain-too-short");
    expect((await world.scene.recorded(1))[0]).toMatchObject({
      status: 502,
      ending: "OH",
      cause: "drain-too-short",
      errorInfo: "ERRORINFO_UPSTREAM_CLOSED_CONNECTION",
      attempts: [{ member: leaving, failure: { kind: "response-drained", nothingSent: false } }],
    });
    // It is no failure of the server's, and the others serve.
    expect(await world.ask()).toMatch(/^HTTP\/1.1 200 /);
  });

  test("is cut visibly where its response has begun", async () => {
    const server = held();
    await using world = await left(server.script, 1);
    await server.asked;
    server.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await world.leave();
    const text = await world.got;
    expect(text).toMatch(/^HTTP\/1.1 200 .*abc\r\n$/s);
    expect((await world.scene.recorded(1))[0]).toMatchObject({
      status: 200,
      ending: "OD",
      cause: "drain-too-short",
      attempts: [{ failure: { kind: "relay-drained" } }],
    });
  });

  test("is cut where it has become a tunnel", async () => {
    const server = held();
    const upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    await using world = await left(server.script, 1, upgrade);
    await server.asked;
    server.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
    await world.leave();
    expect(await world.got).toMatch(/^HTTP\/1.1 101 .*hello$/s);
    expect((await world.scene.recorded(1))[0]).toMatchObject({ ending: "OU", cause: "drain-too-short" });
  });

  test("goes on when something else of the configuration changes", async () => {
    const server = held();
    await using world = await left(server.script, 1);
    await server.asked;
    await world.other();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    server.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    expect(await world.got).toMatch(/late$/);
    expect((await world.scene.recorded(1))[0]).toMatchObject({ ending: "--" });
  });

  test("whose body comes only after the drain time does not go there any more", async () => {
    const server = held();
    await using world = await left(server.script, 1);
    await server.asked;
    const port = world.scene.port;
    const client = connect(port, "127.0.0.1");
    let text = "";
    client.on("data", (chunk) => (text += String(chunk)));
    client.write("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab");
    await once(client, "connect");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.leave();
    await world.got;
    client.write("cd");
    await once(client, "close");
    // The configuration it came under has no other server.
    expect(text).toMatch(/^HTTP\/1.1 502 /);
    const record = (await world.scene.recorded(2)).at(-1);
    expect(record).toMatchObject({ method: "POST", ending: "OC", cause: "drain-too-short" });
  });
});
