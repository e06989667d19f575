import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Backends, type Script } from "../gateway/exchange/scene.ts";
import { answersUploads, ok } from "../gateway/exchange/shop.ts";
import { host, http2Scene } from "../gateway/front/http2-scene.ts";

const member = "127.30.43.1";
const run = promisify(execFile);

/** What the program writes; rejects when it fails or takes longer than it ever should. */
async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...args], { timeout: 25_000, killSignal: "SIGKILL" });
  return stdout + stderr;
}

/** Counts its requests instead of keeping them. */
function counting(): { readonly script: Script; readonly count: () => number } {
  let count = 0;
  const script: Script = (_text, socket) => {
    count += 1;
    socket.write(ok, "latin1");
  };
  return { script, count: () => count };
}

describe("clients of HTTP/2", () => {
  test("curl asks, uploads, and is told of early hints", async () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
    const script: Script = (text, socket) => {
      if (text.startsWith("GET ") && text.endsWith("\r\n\r\n")) socket.write(hints + ok);
      else answersUploads(text, socket);
    };
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    const { port } = scene;
    const way = ["--resolve", `${host}:${port}:127.0.0.1`, `https://${host}:${port}/a?b=1`];
    const curl = ["--http2", "--insecure", "--silent", "--show-error", "--max-time", "20"];
    const got = await output("curl", ...curl, "--include", ...way);
    expect(got).toMatch(/^HTTP\/2 103 \r\nlink: <\/a\.css>\r\n\r\nHTTP\/2 200 \r\n/);
    expect(got.endsWith("\r\n\r\nfine")).toBe(true);
    expect(await output("curl", ...curl, "--data", "x".repeat(50_000), ...way)).toBe("fine");
    const head = await output("curl", ...curl, "--head", ...way);
    expect(head).toMatch(/HTTP\/2 200/);
    const records = await scene.recorded(3);
    expect(records.map(({ httpVersion, ending }) => [httpVersion, ending])).toEqual([
      ["HTTP/2.0", "--"],
      ["HTTP/2.0", "--"],
      ["HTTP/2.0", "--"],
    ]);
  });

  test("nghttp asks for several at once over one connection", async () => {
    const { script } = counting();
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    const got = await output(
      "nghttp",
      "--no-verify-peer",
      "--null-out",
      "--stat",
      "--timeout=20",
      "--multiply=20",
      `--header=:authority: ${host}`,
      `https://127.0.0.1:${scene.port}/`,
    );
    expect(got.match(/ 200 +4 /g)).toHaveLength(20);
    expect(await scene.recorded(20)).toHaveLength(20);
    expect(new Set(scene.records.map(({ clientPort }) => clientPort)).size).toBe(1);
  });

  test("h2load: every request has its answer and its record", async () => {
    const { script, count } = counting();
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    const how = ["-n", "2000", "-c", "4", "-m", "20", "-H", `:authority: ${host}`];
    const got = await output("h2load", ...how, `https://127.0.0.1:${scene.port}/`);
    expect(got).toContain("2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed");
    const records = await scene.recorded(2_000);
    expect(count()).toBe(2_000);
    expect(records.filter(({ ending, status }) => ending !== "--" || status !== 200)).toEqual([]);
  });
});
