import type { Finding } from "../../diagnosis/finding.ts";
import { joined } from "./wording.ts";

/** The numbers under which the roots stand in a report. */
export class Numbering {
  readonly roots: readonly Finding[];
  private readonly numbers: ReadonlyMap<string, number>;

  constructor(findings: readonly Finding[]) {
    this.roots = findings.filter(({ role }) => role === "root");
    this.numbers = new Map(this.roots.map(({ id }, index) => [id, index + 1]));
  }

  of(id: string): number {
    return this.numbers.get(id) ?? 0;
  }

  /** In order, without repeats. */
  ofAll(ids: readonly string[]): number[] {
    return [...new Set(ids.flatMap((id) => this.numbers.get(id) ?? []))].sort((a, b) => a - b);
  }

  /** `see 1 and 3`; empty when none of them is a root. */
  see(ids: readonly string[]): string {
    const all = this.ofAll(ids);
    return all.length === 0 ? "" : `see ${joined(all.map(String))}`;
  }

  /** The same for the roots that explain these findings. */
  follows(ids: readonly string[]): string {
    const wanted = new Set(ids);
    const explainers = this.roots.filter(({ explains }) => explains.some((id) => wanted.has(id)));
    const all = this.ofAll(explainers.map(({ id }) => id));
    return all.length === 0 ? "" : `follows from ${joined(all.map(String))}`;
  }
}
