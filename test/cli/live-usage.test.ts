import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gatewayOf } from "../live/support/gateway.ts";
import { listen } from "../support/listener.ts";
import { folderWith, runCli } from "./run-cli.ts";

/** Runs a call beside a server that must not be sent anything. */
async function refused(words: (folder: string) => readonly string[]): Promise<string> {
  await using server = await listen();
  const gateway = gatewayOf([{ name: "shop", servers: [server.address], port: server.port }]);
  using folder = folderWith({ "gateway.json": gateway });
  const { code, stdout, stderr } = await runCli(words(folder.path));
  expect({ code, stdout, sent: server.accepted.length }).toEqual({ code: 2, stdout: "", sent: 0 });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return stderr;
}

const url = "http://shop.contoso.example/";
const foreign = "192.0.2.77";

describe("what is wrong is told in one line before anything is sent", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "a URL of a host that no gateway has",
      ["--url", "http://shop.fabrikam.example/a?key=5"],
      /^causeway: --url: no gateway takes http:\/\/shop\.fabrikam\.example\/a\?…: no listener on that port takes that host$/m,
    ],
    [
      "a URL of a port that no gateway has",
      ["--url", "http://shop.contoso.example:81/"],
      /no listener on that port$/m,
    ],
    [
      "a URL of the other scheme",
      ["--url", "https://shop.contoso.example:80/"],
      /speaks the other of http and https$/m,
    ],
    [
      "--via without --url",
      ["--via", "127.0.0.1"],
      /^causeway: --via is for the requests of --url, which was not given$/m,
    ],
    [
      "--header without --url",
      ["--header", "Authorization: Bearer s3cr3t"],
      /^causeway: --header is for the requests of --url/,
    ],
    [
      "a source address of another machine",
      ["--from-address", foreign],
      /^causeway: --from-address: this machine has no address 192\.0\.2\.77$/m,
    ],
    [
      "a mapping of a member that is none",
      ["--backend", "app.contoso.example=127.0.0.1"],
      /^causeway: --backend: app\.contoso\.example is no member of a backend pool; there is 127\.0\.0\.1$/m,
    ],
    [
      "a mapping of a member written wrong",
      ["--backend", "127.0.0.2:80=127.0.0.3"],
      /127\.0\.0\.2 is no member of a backend pool; did you mean 127\.0\.0\.1\?$/m,
    ],
    [
      "a recording in a folder that is not there",
      ["--record", "/nowhere/at/all.ndjson"],
      /^causeway: cannot write \/nowhere\/at\/all\.ndjson: there is no such folder$/m,
    ],
    [
      "a recording in the place of a folder",
      ["--record", "/"],
      /^causeway: cannot write \/: it is a folder$/m,
    ],
    [
      "an output in a folder that is not there",
      ["--output", "/nowhere/report.txt"],
      /^causeway: cannot write \/nowhere\/report\.txt/,
    ],
    [
      "two at once, of which the first counts",
      ["--url", url, "--via", "127.0.0.1", "--from-address", foreign],
      /--from-address/,
    ],
  ])("diagnose: %s", async (_name, words, says) => {
    const stderr = await refused((folder) => ["diagnose", folder, "--live", ...words]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/s3cr3t|key=5/);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["a source address of another machine", ["--from-address", foreign], /this machine has no address/],
    [
      "a mapping of a member that is none",
      ["--backend", "app.contoso.example=127.0.0.1"],
      /no member of a backend pool/,
    ],
    ["an output in a folder that is not there", ["--output", "/nowhere/report.txt"], /cannot write/],
  ])("probe and bypass: %s", async (_name, words, says) => {
    expect(await refused((folder) => ["probe", folder, ...words])).toMatch(says);
    expect(await refused((folder) => ["bypass", url, "--case", folder, ...words])).toMatch(says);
  });

  test("no message shows a user name or a query", async () => {
    const secret = "u53r:s3cr3t";
    for (const words of [
      ["diagnose", ".", "--live", "--url", `ftp://${secret}@shop.contoso.example/?k=s3cr3t`],
      ["diagnose", ".", "--live", "--url", `http://${secret}@shop.contoso.example/?k=s3cr3t`],
      ["bypass", url, `http://${secret}@shop.contoso.example/?k=s3cr3t`, "--case", "."],
      ["bypass", `${secret}@shop.contoso.example/?k=s3cr3t`, "--case", "."],
      ["bypass", url, "--case", ".", "--header", "Authorization s3cr3t"],
      ["bypass", url, "--case", ".", "--header", "a: s3cr3t", "--header", "A: s3cr3t"],
      ["bypass", url, "--case", ".", "--header", "a: s3cr3t\u0007"],
    ]) {
      const { code, stderr } = await runCli([...words, "--verbose"]);
      expect(code).toBe(2);
      expect(stderr).not.toContain("s3cr3t");
    }
  });
});

describe("a recording", () => {
  test("an earlier one stays until there is a new one, and nothing is left beside it", async () => {
    await using server = await listen((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const gateway = gatewayOf([{ name: "shop", servers: [server.address], port: server.port }]);
    using folder = folderWith({ "gateway.json": gateway });
    using out = folderWith({ "seen.ndjson": "earlier\n" });
    const record = join(out.path, "seen.ndjson");
    const wrong = ["--from-address", foreign];
    await runCli(["diagnose", folder.path, "--live", "--record", record, ...wrong]);
    expect(readFileSync(record, "utf8")).toBe("earlier\n");
    await runCli(["diagnose", folder.path, "--live", "--record", record]);
    expect(readFileSync(record, "utf8")).toMatch(/^\{"format":"causeway\/observations\/v1"/);
    expect(readdirSync(out.path)).toEqual(["seen.ndjson"]);
  });

  test("one that cannot be written in the end costs no diagnosis", async () => {
    using out = folderWith({});
    const record = join(out.path, "seen.ndjson");
    await using server = await listen((socket) => {
      if (!existsSync(record)) mkdirSync(record);
      socket.end("HTTP/1.1 200 OK\r\n\r\n");
    });
    const gateway = gatewayOf([{ name: "shop", servers: [server.address], port: server.port }]);
    using folder = folderWith({ "gateway.json": gateway });
    const { code, stdout, stderr } = await runCli(["diagnose", folder.path, "--live", "--record", record]);
    expect(stdout).toContain("agw-live");
    expect(stderr).toContain(`causeway: cannot write ${record}: it is a folder`);
    expect(code).toBe(2);
  });
});
