import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { gatewayOf } from "../live/support/gateway.ts";
import { listen } from "../support/listener.ts";

const token = "T0kenOfContoso4711";
const password = "hunter2";
const cookie = "c00kieOfContoso";
const key = "k3yOfFabrikam0815";
const code = "c0de/0f+Login==";
const basic = Buffer.from(`kim:${password}`).toString("base64");
/** What the servers themselves would rather keep. */
const own = "0wnSecretOfServer";

const secrets = [token, password, cookie, key, code, encodeURIComponent(code), basic, own];
const url = `http://shop.contoso.example/cart?code=${encodeURIComponent(code)}&k=${key}`;
const headers = [
  `Authorization: Bearer ${token}`,
  `Cookie: sid=${cookie}; login=${basic}`,
  `X-Contoso-Key: ${key}`,
].flatMap((line) => ["--header", line]);

/** Everything a server got, and has got before: it tells it to everybody, wherever there is room for a word. */
class Echo {
  heard = "";

  hear(request: string): string {
    this.heard = `${request} ${this.heard}`.slice(0, 8_000);
    const got = this.heard.replace(/\s+/g, " ");
    const small = got.toLowerCase();
    // It takes credentials apart.
    const login = got.includes(basic) ? password : "";
    const packed = Buffer.from(`sid=${cookie}`).toString("base64");
    return [
      `HTTP/1.1 503 \x9b31m ${login} ${got}`.slice(0, 4_000),
      `Server: ${got} ${login}`.slice(0, 4_000),
      `Via: ${small.slice(0, 4_000)}`,
      `X-Powered-By: ${got.includes(token) ? `${token} ${packed}` : "PHP"}`,
      `X-${got.includes(token) ? token : "Name"}: 1`,
      `X-Anything: ${own}`,
      `Set-Cookie: ${cookie}=${own}; Path=/`,
      `Location: https://u:${own}@shop.contoso.example/${got.includes(key) ? `${encodeURIComponent(code)}/${key}` : ""}?t=${own}`,
      `WWW-Authenticate: Bearer realm="${own}", ${got.includes(token) ? token : "Basic"}`,
      "Content-Length: 3000",
      "",
      `${got} ${own}`.padEnd(3_000).slice(0, 3_000),
    ].join("\r\n");
  }
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

function heardBy(echo: Echo, answer: (echoed: string) => string) {
  return (socket: Socket) =>
    socket.on("data", (bytes) => socket.write(latin1(answer(echo.hear(bytes.toString("latin1"))))));
}

/** A call with every way out of it. */
async function allOf(words: readonly string[], record?: string): Promise<string> {
  const { stdout, stderr } = await runCli([...words, "--verbose"], { columns: 100, errorsToTerminal: true });
  const recorded = record === undefined ? "" : readFileSync(record, "utf8");
  return `${stdout}\n${stderr}\n${recorded}`;
}

/** As it stands there, and inside of what is written in base64. */
function leaksIn(text: string): string[] {
  const packed = [...text.matchAll(/[A-Za-z0-9+/]{8,}={0,2}/g)].map(([one]) =>
    Buffer.from(one, "base64").toString("latin1"),
  );
  const all = [text, ...packed].join("\n").toLowerCase();
  return secrets.filter((secret) => all.includes(secret.toLowerCase()));
}

/** Characters that a terminal obeys or that reorder others; what colours and clears a line is our own. */
function commandsIn(text: string): string[] {
  const [begin, clear] = ["\u001b", "\r\u001b[K"];
  const foreign = text.replaceAll(clear, "").replaceAll(new RegExp(`${begin}\\[[\\d;]*m`, "g"), "");
  return foreign.replaceAll("\n", "").match(/[\p{Cc}\p{Cf}]/gu) ?? [];
}

describe("nothing secret comes out, whatever servers send back", () => {
  test.each<[string, (echoed: string) => string]>([
    ["an answer", (echoed) => echoed],
    ["no HTTP, beginning with it", (echoed) => echoed.slice(13)],
    ["a broken head", (echoed) => echoed.replace("Server:", "Server :")],
    ["a redirect", (echoed) => echoed.replace(/^HTTP\/1.1 503/, "HTTP/1.1 302")],
    ["a request to log in", (echoed) => echoed.replace(/^HTTP\/1.1 503/, "HTTP/1.1 401")],
  ])("%s", async (_name, answer) => {
    const echo = new Echo();
    await using server = await listen(heardBy(echo, answer));
    await using door = await listen(heardBy(echo, answer));
    const probe = { path: "/health", timeout: 1 };
    const setting = { requestTimeout: 1 };
    const backend = { servers: [server.address], port: server.port, probe, setting };
    using folder = folderWith({ "gateway.json": gatewayOf([{ name: "shop", ...backend }]) });
    using out = folderWith({});
    const via = ["--via", `${door.address}:${door.port}`];
    const record = join(out.path, "seen.ndjson");
    const asked = ["--url", url, ...headers, ...via];
    const outputs: string[] = [];
    const formats = ["text", "json"].map((format) => ["--format", format]);
    // Probes first: whoever sends one cannot know what others have given.
    for (const shown of formats) {
      outputs.push(await allOf(["probe", folder.path, ...shown]));
      outputs.push(await allOf(["probe", folder.path, "--watch", "--rounds", "1", ...shown]));
    }
    for (const shown of formats) {
      const call = ["bypass", url, "--case", folder.path, ...headers, ...via];
      outputs.push(await allOf([...call, "--tries", "1", ...shown]));
    }
    for (const format of ["text", "json", "markdown"]) {
      const live = ["diagnose", folder.path, "--live", "--experiments", "safe", "--experiment-limit", "4"];
      outputs.push(await allOf([...live, "--record", record, ...asked, "--format", format], record));
      outputs.push(await allOf(["diagnose", folder.path, record, "--format", format]));
    }
    expect(echo.heard).toContain(token);
    expect(outputs.every((text) => text.length > 200)).toBe(true);
    for (const [index, text] of outputs.entries()) {
      expect({ index, leaks: leaksIn(text) }).toEqual({ index, leaks: [] });
      expect({ index, commands: commandsIn(text) }).toEqual({ index, commands: [] });
    }
  });
});
