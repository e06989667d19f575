import { join } from "node:path";
import { expect } from "vitest";
import { folderWith, runCli, type Surroundings } from "../../cli/run-cli.ts";

/** What is looked at of a finding in the JSON report. */
export interface LiveFinding {
  readonly id: string;
  readonly cause: string;
  readonly role: "root" | "contributing" | "risk";
  readonly certainty: "proven" | "likely" | "possible";
  readonly summary: string;
  readonly evidence: readonly {
    readonly says: string;
    readonly document: string;
    readonly pointer: string;
  }[];
  readonly experiments: readonly {
    readonly changed: string;
    readonly from: string;
    readonly to: string;
    readonly before: string;
    readonly after: string;
    readonly helped: boolean;
  }[];
  readonly fix: {
    readonly summary: string;
    readonly verified: boolean;
    readonly triedLive: boolean;
    readonly reason: string | null;
    readonly changes: readonly unknown[];
  } | null;
}

export interface LiveDiagnosis {
  readonly code: number;
  /** Causes of the roots, most important first. */
  readonly roots: readonly string[];
  readonly findings: readonly LiveFinding[];
  readonly routes: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly status: number | null;
    readonly causedBy: readonly string[];
  }[];
  readonly checks: readonly { readonly cause: string; readonly status: string }[];
  /** Throws when there is none. */
  finding(cause: string): LiveFinding;
  /** The recording, line by line. */
  readonly recorded: readonly string[];
}

/**
 * `causeway diagnose DOCUMENTS --live`, in this process. The recording is then read back beside the same documents, and
 * has to lead to the same findings and routes.
 */
export async function diagnoseLive(
  documents: Readonly<Record<string, unknown>>,
  words: readonly string[] = [],
  around: Surroundings = {},
): Promise<LiveDiagnosis> {
  using folder = folderWith(documents);
  using recordings = folderWith({});
  const record = join(recordings.path, "observations.ndjson");
  const json = ["--format", "json"];
  const live = await runCli(
    ["diagnose", folder.path, "--live", "--record", record, ...words, ...json],
    around,
  );
  if (live.stdout === "") throw new Error(live.stderr);
  const offlineWords = words.flatMap((word, index) =>
    word === "--switch" || words[index - 1] === "--switch" ? [word] : [],
  );
  const offline = await runCli(["diagnose", folder.path, record, ...offlineWords, ...json], around);
  const [seen, again] = [JSON.parse(live.stdout), JSON.parse(offline.stdout)];
  expect(compared(again)).toEqual(compared(seen));
  const { readFileSync } = await import("node:fs");
  const findings: readonly LiveFinding[] = seen.findings;
  return {
    code: live.code,
    roots: findings.filter(({ role }) => role === "root").map(({ cause }) => cause),
    findings,
    routes: seen.routes,
    checks: seen.checks,
    recorded: readFileSync(record, "utf8").trimEnd().split("\n"),
    finding: (cause) => {
      const found = findings.find((one) => one.cause === cause);
      if (found === undefined) {
        throw new Error(
          `no ${cause} among ${findings.map((one) => `${one.cause} (${one.role})`).join(", ")}`,
        );
      }
      return found;
    },
  };
}

/** What has to be the same wherever the recording is read: all but the place of the recording. */
function compared(report: { readonly findings: readonly LiveFinding[]; readonly routes: unknown }): unknown {
  const { findings, routes } = report;
  return {
    routes,
    findings: findings.map((finding) => ({
      ...finding,
      evidence: finding.evidence.map(({ says, pointer }) => ({ says, pointer })),
      experiments: finding.experiments.map((one) => ({ ...one, document: "" })),
    })),
  };
}
