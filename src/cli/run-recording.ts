import { hostname } from "node:os";
import { recordingHead, recordingLine } from "../documents/observations/recording.ts";
import type { RunGateway } from "./run-gateway.ts";
import { version } from "./version.ts";

/** The last probe of every server as it went, as a recording (docs/recording.md): to be diagnosed elsewhere. */
export function probesRecorded({ board }: Pick<RunGateway, "board">, nowMs: number): string {
  const seen = [...board.entries()].flatMap(({ observation }) => observation ?? []);
  seen.sort((a, b) => a.startedAtMs - b.startedAtMs);
  const startedAtMs = seen[0]?.startedAtMs ?? nowMs;
  const head = recordingHead({ version: version(), startedAtMs, host: hostname(), fromAddress: undefined });
  return head + seen.map(recordingLine).join("");
}
