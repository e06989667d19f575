import { Agent, createServer, request, type Server } from "node:http";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import type { Generation } from "../../../src/model/gateway.ts";
import type { Scene } from "./scene.ts";
import { shop } from "./shop.ts";

const clients = 6;
const uploads = 3;
/** More than the system takes for a server that does not read. */
const bodyBytes = 8_000_000;

/** What one upload is made of: every byte is its number. */
const numberOf = (client: number, upload: number): number => 1 + client * uploads + upload;

/**
 * A server that reads with pauses, and looks whether each body is the one that its path tells. Every third answer begins
 * while the body still comes: from then on the gateway keeps nothing of it.
 */
async function checkingServer(bad: string[]): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((asked, answer) => {
    const number = Number(asked.url?.slice(1));
    let got = 0;
    asked.on("data", (chunk: Buffer) => {
      got += chunk.length;
      if (!chunk.equals(Buffer.alloc(chunk.length, number)))
        bad.push(`${asked.url} has the bytes of another`);
      asked.pause();
      setTimeout(() => asked.resume(), got === chunk.length ? 50 : number % 2);
      if (number % 3 === 0 && !answer.headersSent) answer.flushHeaders();
    });
    asked.on("end", () => {
      if (got !== bodyBytes) bad.push(`${asked.url} has ${got} bytes`);
      answer.end("fine");
    });
    asked.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function upload({ port }: Scene, agent: Agent, number: number, chunked: boolean): Promise<string> {
  const headers = chunked ? {} : { "content-length": bodyBytes };
  return new Promise((resolve) => {
    const target = { host: "127.0.0.1", port, path: `/${number}`, method: "POST", agent, headers };
    const asking = request(target, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve(`${answer.statusCode} ${text}`));
      answer.on("error", () => resolve("broken"));
    });
    asking.on("error", () => resolve("broken"));
    const part = Buffer.alloc(bodyBytes / 2, number);
    asking.write(part);
    setImmediate(() => asking.end(part));
  });
}

describe("many uploads at a time, to servers that take their time", () => {
  test.each([
    { kept: "as long as they may be repeated", bodies: undefined, chunked: false },
    { kept: "as long as they may be repeated", bodies: undefined, chunked: true },
    { kept: "at first", bodies: 3_000_000, chunked: true },
    { kept: "not at all", bodies: 0, chunked: false },
    { kept: "not at all", bodies: 0, chunked: true },
  ])("none gets a byte of another; kept $kept, chunked: $chunked", async ({ bodies, chunked }) => {
    const bad: string[] = [];
    await using server = await checkingServer(bad);
    const few = (generation: Generation) => ({ ...limitsOf(generation), bodyBytes: bodies ?? 2 ** 24 });
    await using scene = await shop(server, ["127.0.0.1"], { means: { limitsOf: few } });
    const agent = new Agent({ keepAlive: true });
    const answers = await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const said: string[] = [];
        for (let turn = 0; turn < uploads; turn++)
          said.push(await upload(scene, agent, numberOf(client, turn), chunked));
        return said;
      }),
    );
    agent.destroy();
    expect(bad).toEqual([]);
    expect(new Set(answers.flat())).toEqual(new Set(["200 fine"]));
  });
});
