import type { CpuRow } from "./experiments/cpu.ts";
import { type DrillCell, troubles } from "./experiments/drill.ts";
import type { IdleCell } from "./experiments/idle.ts";
import type { LatencyCell } from "./experiments/latency.ts";
import type { ReloadCell } from "./experiments/reload.ts";
import type { StaleCell } from "./experiments/stale.ts";
import { type Machine, machineLine } from "./measure/machine.ts";

/** Everything one run found; written as JSON and shown as Markdown. */
export interface Results {
  readonly machine: Machine;
  /** Of all processor time, what programs took during the run that were not started by it. */
  readonly othersShare: number;
  readonly subjects: readonly { readonly name: string; readonly version: string; readonly note: string }[];
  /** Subjects that are not installed, and experiments that could not be made, with the reason. */
  readonly missing: readonly string[];
  readonly generator: string;
  readonly seconds: number;
  readonly runs: number;
  readonly cpu: readonly CpuRow[];
  readonly latency: readonly LatencyCell[];
  readonly stale: readonly StaleCell[];
  readonly reload: readonly ReloadCell[];
  readonly idle: readonly IdleCell[];
  readonly drill: readonly DrillCell[];
}

/** Only what was measured is shown. */
export function markdown(results: Results): string {
  const { machine, othersShare, subjects, missing, cpu, latency, stale, reload, idle, drill } = results;
  const parts = [
    `The machine: ${machineLine(machine)}. Other programs took ${(othersShare * 100).toFixed(1)} % of its processor time during the run.`,
    subjects.map(({ name, version, note }) => `${name} ${version} (${note})`).join(", "),
    missing.length === 0 ? "" : `Not measured: ${missing.join("; ")}.`,
    cpu.length === 0 ? "" : cpuTable(results),
    latency.length === 0 ? "" : latencyTable(latency),
    stale.length === 0 ? "" : staleTable(stale),
    reload.length === 0 ? "" : reloadTable(reload),
    idle.length === 0 ? "" : idleTable(idle),
    drill.length === 0 ? "" : drillTable(drill),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Rows of cells as Markdown; the first column is text, all others are figures. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const under = `|---|${heads
    .slice(1)
    .map(() => "---:|")
    .join("")}`;
  return [line(heads), under, ...rows.map(line)].join("\n");
}

function cpuTable({ cpu, generator, seconds, runs }: Results): string {
  const names = [...new Set(cpu.flatMap(({ cells }) => cells.map(({ subject }) => subject)))];
  const rows = cpu.map(({ says, cells }) => [
    says,
    ...names.map((name) => {
      const cell = cells.find(({ subject }) => subject === name);
      if (cell === undefined) return "–";
      const ratio = cell.ratio === undefined ? "" : ` (${cell.ratio.toFixed(2)})`;
      return `${cell.cpuUs.toFixed(1)}${ratio}${cell.failed === 0 ? "" : `, ${cell.failed} failed`}`;
    }),
  ]);
  const about = `Processor time a request in µs (and its ratio to nginx), ${generator}, ${seconds} s each, medians of ${runs}.`;
  return `${about}\n\n${table(["", ...names], rows)}`;
}

function latencyTable(cells: readonly LatencyCell[]): string {
  const rows = cells.map(({ subject, requestsPerSecond, p50Ms, p99Ms, directP50Ms, directP99Ms }) => {
    const added = [p50Ms - directP50Ms, p99Ms - directP99Ms];
    return [subject, requestsPerSecond.toFixed(0), ...[p50Ms, p99Ms, ...added].map((ms) => ms.toFixed(2))];
  });
  const heads = ["", "requests/s", "p50 ms", "p99 ms", "p50 added ms", "p99 added ms"];
  return `Time of a request at half load, and what of it is not the servers' own.\n\n${table(heads, rows)}`;
}

function staleTable(cells: readonly StaleCell[]): string {
  const names = [...new Set(cells.map(({ subject }) => subject))];
  const of = (name: string, method: string) => {
    const cell = cells.find((one) => one.subject === name && one.method === method);
    return cell === undefined ? "–" : `${cell.errors} of ${cell.requests}${statusesOf(cell)}`;
  };
  const rows = names.map((name) => [name, of(name, "GET"), of(name, "POST")]);
  return `Servers that close idle connections just when they are used again: failed requests.\n\n${table(["", "GET", "POST"], rows)}`;
}

/** Which failures, where there are any. */
function statusesOf({ errors, result }: StaleCell): string {
  if (errors === 0) return "";
  const bad = Object.keys(result.statuses).filter((status) => status >= "500");
  const closed = result.unanswered > 0 ? ["closed unanswered"] : [];
  return ` (${[...bad, ...closed].join(", ")})`;
}

function reloadTable(cells: readonly ReloadCell[]): string {
  const rows = cells.map(({ subject, reloads, requests, failed, result }) => {
    const counts = [reloads, requests, failed, result.unanswered, result.refused];
    return [subject, ...counts.map(String), result.maxMs.toFixed(0)];
  });
  const heads = ["", "reloads", "requests", "failed", "closed unanswered", "refused", "slowest ms"];
  return `A new configuration every second under load.\n\n${table(heads, rows)}`;
}

function idleTable(cells: readonly IdleCell[]): string {
  const rows = cells.map(({ subject, connections, beforeKib, heldKib, perConnectionKib }) => {
    const mib = [beforeKib, heldKib].map((kib) => (kib / 1024).toFixed(0));
    return [subject, String(connections), ...mib, perConnectionKib.toFixed(1)];
  });
  const heads = ["", "connections", "MiB before", "MiB with them", "KiB each"];
  return `Memory for connections that were used once and are held.\n\n${table(heads, rows)}`;
}

function drillTable(cells: readonly DrillCell[]): string {
  const names = [...new Set(cells.map(({ subject }) => subject))];
  const kinds = troubles.flatMap((trouble) =>
    (["GET", "POST"] as const).map((method) => ({ trouble, method })),
  );
  const rows = names.map((name) => {
    const own = cells.filter(({ subject }) => subject === name);
    const each = kinds.map(({ trouble, method }) => {
      const cell = own.find((one) => one.trouble === trouble && one.method === method);
      return cell === undefined ? "–" : String(cell.failed);
    });
    const sum = (of: (cell: DrillCell) => number) => String(own.reduce((total, cell) => total + of(cell), 0));
    return [
      name,
      ...each,
      sum(({ errors }) => errors),
      sum(({ failed }) => failed),
      sum(({ requests }) => requests),
    ];
  });
  const heads = [
    "",
    ...kinds.map(({ trouble, method }) => `${trouble} ${method}`),
    "5xx",
    "failed",
    "requests",
  ];
  return `Two of four servers in trouble: requests that failed for the client.\n\n${table(heads, rows)}`;
}
