/** Quiet service between two things that are done is a row every so often. */
const quietRowMs = 15_000;
const minuteMs = 60_000;

interface Passing {
  readonly atMs: number;
  readonly minutes: number;
}

/**
 * What an operator has that a lab of seconds has not: the activity log of what was done to the gateway, and the hours in
 * between. Where time is said to pass, everything before is dated back by as much, and what was served last is repeated at
 * that calm; what happened is left as it was.
 */
export class Chronicle {
  readonly #writes: number[] = [];
  readonly #passings: Passing[] = [];

  /** The gateway's configuration was changed. */
  wrote(atMs: number): void {
    this.#writes.push(atMs);
  }

  passed(minutes: number, atMs: number): void {
    this.#passings.push({ minutes, atMs });
  }

  /** As `az monitor activity-log list` prints it. */
  activities(gatewayId: string): readonly unknown[] {
    return this.#writes.flatMap((atMs) =>
      [0, 1000].map((laterMs, index) => ({
        eventTimestamp: new Date(this.#dated(atMs) + laterMs).toISOString(),
        operationName: { value: "Microsoft.Network/applicationGateways/write" },
        status: { value: index === 0 ? "Started" : "Succeeded" },
        resourceId: gatewayId,
      })),
    );
  }

  /** The rows of an access log as they would be, had the time passed. */
  log(text: string): string {
    if (this.#passings.length === 0) return text;
    const rows = text
      .split("\n")
      .filter(Boolean)
      .map((row) => ({ row, atMs: Date.parse(stamp.exec(row)?.[2] ?? "") }))
      .filter(({ atMs }) => !Number.isNaN(atMs));
    const quiet = this.#passings.flatMap(({ atMs, minutes }) => {
      const served = rows.findLast((one) => one.atMs <= atMs && /"httpStatus":200/.test(one.row));
      if (served === undefined) return [];
      const endMs = this.#dated(atMs);
      const count = Math.floor((minutes * minuteMs) / quietRowMs) - 1;
      return Array.from({ length: Math.max(0, count) }, (_, index) => ({
        row: served.row,
        atMs: endMs + (index + 1) * quietRowMs,
      }));
    });
    return [...rows.map(({ row, atMs }) => ({ row, atMs: this.#dated(atMs) })), ...quiet]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ row, atMs }) => `${redated(row, atMs)}\n`)
      .join("");
  }

  /** When it was, by the calendar in which time passed. */
  #dated(atMs: number): number {
    const later = this.#passings.filter((passing) => passing.atMs >= atMs);
    return atMs - later.reduce((sum, { minutes }) => sum + minutes * minuteMs, 0);
  }
}

/** Rows of either generation begin with it. */
const stamp = /"(timeStamp|time)":"([^"]+)"/;

function redated(row: string, atMs: number): string {
  return row.replace(stamp, (_, name: string, before: string) => {
    const time = new Date(atMs).toISOString();
    return `"${name}":"${before.endsWith("Z") ? time : time.replace(/\.\d+Z$/, "+00:00")}"`;
  });
}
