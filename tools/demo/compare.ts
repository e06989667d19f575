import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DiagnosisJson, FindingJson } from "../../src/report/json-types.ts";
import { type Fault, faults } from "./faults.ts";
import type { GatewayProcess } from "./gateway.ts";
import type { DemoWorld } from "./world.ts";

/** What a diagnosis says of one route. */
export interface Told {
  readonly cause: string | null;
  /** Commands of the Azure CLI, in order. */
  readonly fix: readonly string[];
}

/** One fault of the example, as a client, the documents and the running gateway tell it. */
export interface Compared {
  readonly fault: Fault;
  readonly status: number;
  /** What the access log has. */
  readonly recorded: string | null;
  readonly explained: Told;
  readonly diagnosed: Told;
  /** What clients get after the fix; undefined = it has not been made. */
  readonly fixedStatus: number | undefined;
}

/** Shows each fault, asks why, makes the fixes and asks again. */
export async function compareAll(world: DemoWorld): Promise<readonly Compared[]> {
  const { gateway, folder } = world;
  await everyProbeEnded(gateway);
  const diagnosis = await diagnose(folder.broken);
  const shown = await Promise.all(faults.map((fault) => compare(fault, gateway, diagnosis)));
  await world.applyFixes();
  await everyServerUp(gateway);
  return Promise.all(
    shown.map(async (one) => ({ ...one, fixedStatus: (await gateway.get(one.fault.path)).status })),
  );
}

async function compare(fault: Fault, gateway: GatewayProcess, diagnosis: DiagnosisJson): Promise<Compared> {
  const { status, transactionId } = await gateway.get(fault.path);
  const nothing = { status, recorded: null, explained: { cause: null, fix: [] }, fixedStatus: undefined };
  const diagnosed = toldOf(diagnosis, fault);
  if (status < 400) return { ...nothing, fault, diagnosed };
  const { record, diagnosis: explained } = await gateway.explain(transactionId);
  return {
    ...{ ...nothing, fault, diagnosed },
    recorded: record.cause,
    explained: explained === null ? nothing.explained : toldOf(explained, fault),
  };
}

/** All three say the same, and the fix is one. */
export function agrees({ fault, status, recorded, explained, diagnosed, fixedStatus }: Compared): boolean {
  return (
    status === fault.status &&
    diagnosed.cause !== null &&
    explained.cause === diagnosed.cause &&
    recorded === diagnosed.cause &&
    explained.fix.length > 0 &&
    explained.fix.join("\n") === diagnosed.fix.join("\n") &&
    fixedStatus === 200
  );
}

function toldOf({ routes, findings }: DiagnosisJson, { route }: Fault): Told {
  const causedBy = routes.find(({ pathRule }) => pathRule === route)?.causedBy ?? [];
  const roots: readonly FindingJson[] = findings.filter(({ id }) => causedBy.includes(id));
  return {
    cause: roots.length === 0 ? null : roots.map(({ cause }) => cause).join(" + "),
    fix: roots.flatMap(({ fix }) => fix?.commands.az ?? []),
  };
}

const program = fileURLToPath(new URL("../../bin/causeway.js", import.meta.url));

/** `causeway diagnose FOLDER`: of documents alone, nothing is sent. */
async function diagnose(folder: string): Promise<DiagnosisJson> {
  const words = [program, "diagnose", folder, "--format", "json", "--quiet"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let text = "";
  for await (const part of child.stdout.setEncoding("utf8")) text += part;
  const [code] = await closed;
  if (code !== 1) throw new Error(`causeway diagnose ended with ${code}, not with 1`);
  return JSON.parse(text);
}

/** Probes of machines that do not answer take as long as their time-outs. */
const mostMs = 120_000;
const lookMs = 100;

function everyProbeEnded(gateway: GatewayProcess): Promise<void> {
  return until(async () => (await gateway.health()).every(({ lastProbe }) => lastProbe !== null));
}

function everyServerUp(gateway: GatewayProcess): Promise<void> {
  return until(async () => (await gateway.health()).every(({ up }) => up));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < mostMs; waitedMs += lookMs) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  throw new Error(`nothing has changed within ${mostMs / 1000} s`);
}
