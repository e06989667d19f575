/**
 * `npm run demo:live`: a gateway every route of which fails for another live reason, its servers on loopback, and
 * `causeway diagnose --live` on it. Then the recording is diagnosed without any server. Ends with 0 when every cause was
 * named and proven both times. Options given to it are given to the live diagnosis.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokenWorld } from "../test/live/support/broken-world.ts";

const program = fileURLToPath(new URL("../bin/causeway.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "causeway-demo-"));
const gateway = join(folder, "gateway.json");
const recording = join(folder, "observations.ndjson");

process.exitCode = await demo(process.argv.slice(2));

async function demo(more: readonly string[]): Promise<number> {
  const wanted = await diagnoseWorld(more);
  console.log(
    "\nThe servers are gone. The recording leads to the same diagnosis, here and on any other machine:\n",
  );
  await causeway(["diagnose", gateway, recording, "--quiet"], "shown");
  const named = await provenCauses();
  const missing = wanted.filter((cause) => !named.includes(cause));
  console.log(`\n${wanted.length - missing.length} of ${wanted.length} causes named and proven`);
  for (const cause of missing) console.log(`✗ ${cause} was not`);
  console.log(`Gateway and recording are in ${folder}`);
  return missing.length === 0 ? 0 : 1;
}

/** Live, while the servers run; the causes that are to be found. */
async function diagnoseWorld(more: readonly string[]): Promise<readonly string[]> {
  await using world = await brokenWorld();
  for (const [name, document] of Object.entries(world.documents)) {
    writeFileSync(join(folder, name), JSON.stringify(document, null, 2));
  }
  console.log(
    `${world.routes.length} routes, each broken in another way; their servers listen on 127.0.0.0/8.\n`,
  );
  const urls = world.clientUrls.flatMap((url) => ["--url", url]);
  const words = ["--live", "--experiments", "all", ...urls, "--record", recording, ...more];
  await causeway(["diagnose", gateway, ...words], "shown");
  return world.routes.map(({ cause }) => cause);
}

async function provenCauses(): Promise<readonly string[]> {
  const report = join(folder, "diagnosis.json");
  await causeway(["diagnose", gateway, recording, "--format", "json", "--output", report], "silent");
  const { findings }: Report = JSON.parse(readFileSync(report, "utf8"));
  return findings
    .filter(({ role, certainty }) => role === "root" && certainty === "proven")
    .map(({ cause }) => cause);
}

interface Report {
  readonly findings: readonly { readonly cause: string; readonly role: string; readonly certainty: string }[];
}

/** Runs the program of this clone at this terminal; throws unless it found something wrong, as it has to. */
async function causeway(words: readonly string[], how: "shown" | "silent"): Promise<void> {
  if (how === "shown") console.log(`$ npx causeway ${words.join(" ")}\n`);
  const child = spawn(process.execPath, [program, ...words], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
  if (code !== 1) throw new Error(`causeway ended with ${code}, not with 1`);
}
