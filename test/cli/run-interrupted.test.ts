import { once } from "node:events";
import { createServer, get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "../gateway/exchange/scene.ts";
import { RunProcess } from "../gateway/workers/run-process.ts";
import { folderWith } from "./run-cli.ts";

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test.each(["1", "2"])(
  "a second Ctrl-C ends a run with %s processes, with the rows that were collected",
  async (workers) => {
    const served = new Set<string>();
    const server = createServer((asked, answer) => {
      served.add(asked.url ?? "");
      if (asked.url !== "/hangs") answer.end("fine");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port: toPort } = server.address() as { port: number };
    const port = await freePort();
    using folder = folderWith({
      "gateway.yaml": `gateway:\n  listeners: { web: { port: 80 } }\n  pools: { app: [127.0.0.1] }\n  settings: { app: { port: ${toPort} } }\n`,
    });
    const words = [
      join(folder.path, "gateway.yaml"),
      "--listen",
      `80=${port}`,
      "--drain",
      "600",
      "--workers",
      workers,
    ];
    await using run = new RunProcess(words);
    await run.said(/ready/);
    const hanging = request({ port, host: "127.0.0.1", path: "/hangs", agent: false }).end();
    hanging.on("error", () => {});
    while (!served.has("/hangs")) await sleep(5);
    const [answer] = (await once(
      get({ port, host: "127.0.0.1", path: "/last", agent: false }),
      "response",
    )) as [IncomingMessage];
    answer.resume();
    run.signal("SIGINT");
    // The first is taken once nobody is let in any more.
    while (await takesConnections(port)) await sleep(1);
    await run.said(/requests under way have up to 600 s; interrupt once more to give them up/);
    run.signal("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stdout).toContain('"/last"');
    server.close();
    server.closeAllConnections();
  },
);
