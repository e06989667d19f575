import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Outcome } from "../../diagnosis/verdict.ts";
import { groupRoutes } from "../content/routes.ts";
import { abridged, joined } from "../content/wording.ts";
import type { Page } from "./page.ts";
import type { Tone } from "./style.ts";

const looks: Readonly<Record<Outcome, { readonly word: string; readonly tone: Tone }>> = {
  fails: { word: "fails", tone: "bad" },
  degraded: { word: "degraded", tone: "unsure" },
  unknown: { word: "not known", tone: "unsure" },
  ok: { word: "ok", tone: "good" },
};

/** All routes, those that fare alike in one entry. `numbers` are those of the roots on the first screen. */
export function writeRoutes(
  page: Page,
  { routes }: Diagnosis,
  numbers: ReadonlyMap<string, number>,
  verbose: boolean,
): void {
  if (routes.length < 2) return;
  page.heading("Routes");
  for (const { outcome, status, causedBy, routes: ids } of groupRoutes(routes)) {
    const { word, tone } = looks[outcome];
    const lead = `${status === null ? word : `${word} ${status}`}`.padEnd(15);
    const why = causedBy.length === 0 ? "" : ` (${reasons(causedBy, numbers)})`;
    const names = verbose ? joined(ids) : abridged(ids, outcome === "ok" ? 2 : 4);
    page.write(`${names}${why}`, { lead, leadTone: tone });
  }
}

function reasons(ids: readonly string[], numbers: ReadonlyMap<string, number>): string {
  const known = ids.flatMap((id) => numbers.get(id) ?? []).sort((a, b) => a - b);
  return `see ${joined(known.map(String))}`;
}
