import { once } from "node:events";
import { connect, createServer, type Server, Socket } from "node:net";
import { expect, test } from "vitest";
import { lentReads } from "../../../src/gateway/front/lent-reads.ts";

/** A server, each of whose connections is `there` for a client that `come`s. */
async function listening(there: (socket: Socket) => void): Promise<{ server: Server; come(): Socket }> {
  const server = createServer({ allowHalfOpen: true, highWaterMark: 50_000 }, there);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { server, come: () => connect({ port, host: "127.0.0.1", allowHalfOpen: true }) };
}

const heard = async (client: Socket): Promise<string> => String((await once(client, "data"))[0]);

test("a connection that was moved is read into one buffer, written to, and ends on each side alone", async () => {
  const buffers = new Set<Buffer>();
  let got = "";
  let moved: Socket | undefined;
  const { server, come } = await listening((there) => {
    moved = lentReads(there, (lent, bytes) => {
      buffers.add(lent);
      got += lent.toString("latin1", 0, bytes);
      if (got === "one") moved?.write("two");
      if (got === "onethree") moved?.pause();
    });
  });
  const client = come();
  client.write("one");
  expect(await heard(client)).toBe("two");
  client.write("three");
  while (got !== "onethree") await new Promise((resolve) => setImmediate(resolve));
  client.end("four");
  await new Promise((resolve) => setTimeout(resolve, 50));
  // It reads no more until it is resumed.
  expect(got).toBe("onethree");
  if (moved === undefined) throw new Error("it was not moved");
  expect(moved.writableHighWaterMark).toBe(50_000);
  const ended = once(moved, "end");
  moved.resume();
  await ended;
  expect([got, buffers.size]).toEqual(["onethreefour", 1]);
  moved.end("last");
  expect(await heard(client)).toBe("last");
  // The server does not wait for what is not its own any more.
  await new Promise<void>((resolve) => server.close(() => resolve()));
  client.destroy();
});

test("a socket that has no connection to move, or was read already, stays what it is", async () => {
  const never = (): void => {
    throw new Error("nothing is read");
  };
  expect(lentReads(new Socket(), never)).toBeUndefined();
  let moved: unknown = "not tried";
  const { server, come } = await listening((there) => {
    there.once("data", () => {
      moved = lentReads(there, never);
      there.end("still here");
    });
  });
  const client = come();
  client.write("read");
  expect([await heard(client), moved]).toEqual(["still here", undefined]);
  client.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
