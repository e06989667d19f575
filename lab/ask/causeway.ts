import { join } from "node:path";
import { main } from "../../src/cli/main.ts";
import type { DiagnosisJson } from "../../src/report/json-types.ts";

/** `diagnose PATH... --format json` in this process: a run of its own costs as much as ten diagnoses. */
export async function diagnoseHere(paths: readonly string[]): Promise<DiagnosisJson> {
  let text = "";
  let errors = "";
  const stream = (take: (text: string) => void) => ({
    isTerminal: false,
    columns: undefined,
    write: async (written: string) => take(written),
  });
  const code = await main(["diagnose", ...paths, "--format", "json", "--quiet"], {
    stdout: stream((more) => {
      text += more;
    }),
    stderr: stream((more) => {
      errors += more;
    }),
    stdin: (async function* () {})(),
    env: {},
    now: Date.now,
    replaceFile: async (path) => {
      throw new Error(`nothing is to be written to ${path}`);
    },
    systemLookup: async () => {
      throw new Error("nobody is to be asked");
    },
    interruptible: (run) => run(new AbortController().signal),
  });
  if (code > 1)
    throw new Error(`diagnose ${paths.map((path) => join(path)).join(" ")}: code ${code}: ${errors}`);
  return parseDiagnosis(text);
}

/** Worlds have one gateway, so it is one object. */
export function parseDiagnosis(text: string): DiagnosisJson {
  return JSON.parse(text) as DiagnosisJson;
}
