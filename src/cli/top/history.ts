import type { ActivityReport } from "../../gateway/admin/activity-report.ts";
import { type TopData, topDataOf } from "./data.ts";

/** Rates are over so much: short enough to see a change, long enough that single requests are seen at all. */
const windowMs = 10_000;

/** The last answers of a gateway; a gateway that was started anew has none. */
export class History {
  #reports: ActivityReport[] = [];

  add(report: ActivityReport): TopData {
    const newest = this.#reports.at(-1);
    if (newest?.since !== report.since || newest.gateway.name !== report.gateway.name) this.#reports = [];
    this.#reports.push(report);
    const oldestMs = Date.parse(report.at) - windowMs;
    while (this.#reports.length > 2 && Date.parse(this.#reports[1]?.at ?? "") <= oldestMs)
      this.#reports.shift();
    const [before] = this.#reports;
    return topDataOf(before === report ? undefined : before, report);
  }
}
