import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const own = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

/** Probes a server by its name and one by its address with no file left to open, in a process of its own. */
const script = `
import { closeSync, openSync } from "node:fs";
import { systemLookup } from ${own("probe/system-lookup.ts")};
import { realMeans } from ${own("probe/real-means.ts")};
import { faultBeforeHttp } from ${own("health/phase-faults.ts")};
const dnsServersFor = (name) => (name === "own.contoso.example" ? [{ address: "127.0.0.1", port: 9 }] : []);
const means = realMeans({ dnsServersFor, systemLookup, fromAddress: undefined, userAgent: "t", signal: undefined });
const opened = [];
try { for (;;) opened.push(openSync("/dev/null", "r")); } catch {}
const faults = [];
for (const target of ["localhost", "own.contoso.example"]) {
  const dns = await means.resolve(target, 2000, undefined);
  faults.push(faultBeforeHttp({ sent: { target }, dns }, undefined));
}
const place = { address: "127.0.0.1", port: 9, localAddress: undefined, timeoutMs: 2000 };
const { phase } = await means.connect(place, means.clock);
faults.push(faultBeforeHttp({ sent: {}, tcp: phase }, undefined));
for (const file of opened) closeSync(file);
console.log(JSON.stringify(faults));
`;

test("a probe without a file left to open tells nothing of the server or its name", async () => {
  const limited = 'ulimit -n 64 && exec "$0" --input-type=module -e "$1"';
  const { stdout } = await promisify(execFile)("sh", ["-c", limited, process.execPath, script], {
    timeout: 30_000,
  });
  expect(JSON.parse(stdout)).toEqual(
    ["name-unanswered", "name-unanswered", "tcp-not-tried"].map((kind) => ({
      decided: false,
      kind,
      messages: [],
      says: expect.stringContaining("EMFILE"),
    })),
  );
});
