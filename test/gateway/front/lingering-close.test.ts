import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import { LingeringClose } from "../../../src/gateway/front/lingering-close.ts";
import { own } from "../../../src/gateway/front/owned-socket.ts";
import { loopClock } from "../../../src/gateway/loop-clock.ts";
import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";

/** Who has the socket before. */
class Before {
  heard: string[] = [];
  received = (): void => void this.heard.push("received");
  drained = (): void => void this.heard.push("drained");
  ended = (): void => void this.heard.push("ended");
  closed = (): void => void this.heard.push("closed");
}

/** A connection on which all was said, which is "all". `over`: it has ended on the side that said so. */
async function closing() {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const accepted = new Promise<Socket>((resolve) => void server.once("connection", resolve));
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {});
  const socket = await accepted;
  server.close();
  const before = new Before();
  own(socket, before);
  socket.write("all");
  const wheel = new TimerWheel(loopClock);
  const over = new Promise<void>((resolve) => {
    new LingeringClose(socket, { wheel, limits: limitsOf("v2") }, resolve);
  });
  return { client, over, wheel, before, [Symbol.dispose]: () => void client.destroy() };
}

const sends = (client: Socket, bytes: number): Promise<void> =>
  new Promise((resolve) => void client.write(Buffer.alloc(bytes), () => resolve()));

describe("a connection on which all was said", () => {
  test("gives a client that is still sending the end of what was said, and ends with it", async () => {
    using scene = await closing();
    let text = "";
    scene.client.on("data", (chunk) => (text += chunk.toString("latin1")));
    await sends(scene.client, 512 * 1024);
    await once(scene.client, "end");
    await sends(scene.client, 256 * 1024);
    scene.client.end();
    await scene.over;
    expect(text).toBe("all");
    expect(scene.wheel.size).toBe(0);
    expect(scene.before.heard).toEqual([]);
  });

  test("is over when the client sends and sends", async () => {
    using scene = await closing();
    scene.client.resume();
    const pump = (): void => {
      while (!scene.client.destroyed && scene.client.write(Buffer.alloc(64 * 1024)));
    };
    scene.client.on("drain", pump);
    pump();
    await scene.over;
    expect(scene.client.bytesWritten).toBeGreaterThan(1024 * 1024);
  });

  test("is over soon after the client has all of it, however long that would stay", async () => {
    using scene = await closing();
    scene.client.resume();
    const since = performance.now();
    await scene.over;
    expect(performance.now() - since).toBeGreaterThan(1_900);
  });
});
