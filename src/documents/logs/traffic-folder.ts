import type { TrafficLog } from "../../model/observations.ts";
import { OwnFailures } from "./own-failures.ts";
import type { OwnFacts } from "./own-row.ts";
import { type Budgets, RouteCell } from "./route-cell.ts";
import { type AccessRow, READINGS, readingOf } from "./row.ts";
import { count, finite } from "./row-counts.ts";

/** More routes than a gateway at its limits has (gateway-resource.md §6), servers likewise for a busy one. */
const MOST_ROUTES = 1024;
const MOST_SERVERS = 8192;
/** A day of minutes for 180 busy routes; with more, each has fewer. */
const MOST_MINUTES = 262_144;
const MOST_GATEWAYS = 64;
const MOST_DOCUMENTS = 10_000;

/** Folds the rows of any number of logs into observations of bounded size. Rows may come in any order. */
export class TrafficFolder {
  /** What our own gateway says of its failures. */
  readonly own = new OwnFailures();
  private readonly routes = new Map<string, Map<string, RouteCell[]>>();
  private routeCount = 0;
  private readonly budgets: Budgets = { servers: MOST_SERVERS, minutes: { left: MOST_MINUTES } };
  private readonly documents = new Set<string>();
  private readonly gatewayIds = new Set<string>();
  private readonly versions = new Set<"v1" | "v2">();
  private readonly otherCategories = new Map<string, number>();
  private rows = 0;
  private skipped = 0;
  private firstSkipped: TrafficLog["firstSkipped"];
  private internalRows = 0;
  private unkeptRows = 0;
  private firstMs = Number.POSITIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** Names a document as part of the log, also when it turns out to have no rows. */
  addDocument(document: string): void {
    if (this.documents.size < MOST_DOCUMENTS) this.documents.add(document);
  }

  /** Folds one row; nothing of `row` is held afterwards but its texts. `own`: what it says beside the vendor's fields. */
  add(row: AccessRow, document: string, line: number, own: OwnFacts | undefined): void {
    this.rows++;
    if (row.timeMs < this.firstMs) this.firstMs = row.timeMs;
    if (row.timeMs > this.lastMs) this.lastMs = row.timeMs;
    const route = this.route(row);
    if (route === undefined) this.unkeptRows++;
    else route.add(row, readingBy(row, own), { document, line, answeredBy: own?.answeredBy });
  }

  /** A record that could not be read. */
  addSkipped(document: string, line: number): void {
    this.skipped++;
    this.firstSkipped ??= { document, line };
  }

  addOtherCategory(category: string): void {
    count(this.otherCategories, category, 1);
  }

  addInternal(): void {
    this.internalRows++;
  }

  result(): TrafficLog {
    const routes = [...this.routes.values()].flatMap((pools) => [...pools.values()].flat());
    const observations = routes.map((route) => route.result());
    return {
      documents: [...this.documents],
      gatewayIds: [...this.gatewayIds],
      versions: [...this.versions].sort(),
      rows: this.rows,
      skipped: this.skipped,
      firstSkipped: this.firstSkipped,
      otherCategories: this.otherCategories,
      internalRows: this.internalRows,
      unkeptRows: this.unkeptRows,
      firstMs: finite(this.firstMs),
      lastMs: finite(this.lastMs),
      observations: observations.sort((a, b) => b.failed - a.failed || b.rows - a.rows),
      own: this.own.result(this.lastMs),
    };
  }

  /** By rule and pool, then the few cells that differ in the rest: no key is built per row. */
  private route(row: AccessRow): RouteCell | undefined {
    const pools = this.routes.get(row.ruleName);
    const cells = pools?.get(row.poolName);
    if (cells !== undefined) {
      for (const cell of cells) if (cell.holds(row)) return cell;
    }
    if (this.routeCount >= MOST_ROUTES) return undefined;
    this.routeCount++;
    this.versions.add(row.version);
    if (row.gatewayId !== "" && this.gatewayIds.size < MOST_GATEWAYS) this.gatewayIds.add(row.gatewayId);
    const cell = new RouteCell(row, this.budgets);
    if (cells !== undefined) cells.push(cell);
    else if (pools !== undefined) pools.set(row.poolName, [cell]);
    else this.routes.set(row.ruleName, new Map([[row.poolName, [cell]]]));
    return cell;
  }
}

function readingBy(row: AccessRow, own: OwnFacts | undefined): number {
  return own?.reading === undefined ? readingOf(row) : READINGS.indexOf(own.reading);
}
