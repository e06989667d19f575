import type { Outcome } from "../../diagnosis/verdict.ts";
import { groupRoutes } from "../content/routes.ts";
import { abridged, joined } from "../content/wording.ts";
import type { Page } from "./page.ts";
import type { Tone } from "./style.ts";
import type { Telling } from "./telling.ts";

const labelColumns = 14;

const looks: Readonly<Record<Outcome, { readonly word: string; readonly tone: Tone }>> = {
  fails: { word: "fails", tone: "bad" },
  degraded: { word: "degraded", tone: "unsure" },
  unknown: { word: "not known", tone: "unsure" },
  ok: { word: "ok", tone: "good" },
};

/** All routes, those that fare alike in one entry, in the order of the roots. */
export function writeRoutes(page: Page, { diagnosis: { routes }, numbering, verbose }: Telling): void {
  if (routes.length < 2) return;
  page.heading("Routes");
  for (const { outcome, status, causedBy, routes: ids } of groupRoutes(routes, numbering)) {
    const { word, tone } = looks[outcome];
    const lead = (status === null ? word : `${word} ${status}`).padEnd(labelColumns);
    const see = numbering.see(causedBy);
    const names = verbose ? joined(ids) : abridged(ids, outcome === "ok" ? 3 : 6);
    page.write(see === "" ? names : `${names} (${see})`, { lead, leadTone: tone });
  }
}
