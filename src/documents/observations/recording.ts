import { plainJson } from "../../model/plain-json.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import { formed, nullable, object, type Shape, text } from "../../model/shape.ts";
import { observationShape } from "./observation-shape.ts";

/** The `format` of the first line, published as `schema/observations.v1.schema.json`. */
export const recordingFormat = "causeway/observations/v1";

/** The first line of a recording. */
export interface RecordingHead {
  readonly format: string;
  /** `causeway/` and the version that wrote it. */
  readonly tool: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly place: {
    /** The name of the machine it was sent from. */
    readonly host: string | null;
    /** The source address that was asked for; null = as the system routes. */
    readonly fromAddress: string | null;
  };
}

export const headShape: Shape<RecordingHead> = object<RecordingHead>({
  format: formed(/^causeway\/observations\/v1$/, `"${recordingFormat}"`),
  tool: formed(/^causeway\/[\w.+-]{1,64}$/, "causeway/ and a version"),
  startedAt: formed(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
    "a time such as 2026-06-01T00:00:00.000Z",
  ),
  place: object<RecordingHead["place"]>({ host: nullable(text(255)), fromAddress: nullable(text(128)) }),
});

/** The line a recording begins with, and its line end. */
export function recordingHead(begun: {
  readonly version: string;
  readonly startedAtMs: number;
  readonly host: string | undefined;
  readonly fromAddress: string | undefined;
}): string {
  return lineOf(headShape, {
    format: recordingFormat,
    tool: `causeway/${begun.version}`,
    startedAt: new Date(begun.startedAtMs).toISOString(),
    place: { host: begun.host ?? null, fromAddress: begun.fromAddress ?? null },
  });
}

/** The line of one exchange, and its line end. Bodies and secrets are not in it (docs/recording.md). */
export function recordingLine(observation: ProbeObservation): string {
  return lineOf(observationShape, observation);
}

/** What is left of an observation once it was recorded and read back: judging this gives the same result everywhere. */
export function asRecorded(observation: ProbeObservation): ProbeObservation {
  return observationShape.read(observationShape.write(observation), "");
}

function lineOf<T>(shape: Shape<T>, value: T): string {
  return `${plainJson(JSON.stringify(shape.write(value)))}\n`;
}
