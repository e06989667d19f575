import type { Certainty, Role } from "./finding.ts";
import type { Judged } from "./judge.ts";
import type { RouteVerdict } from "./verdict.ts";

const roles: readonly Role[] = ["root", "contributing", "risk"];
const certainties: readonly Certainty[] = ["proven", "likely", "possible"];

/** Most important first: roots, then by how many routes fail by it, then by certainty, then as the catalogue lists them. */
export function rankFindings(findings: readonly Judged[], routes: readonly RouteVerdict[]): Judged[] {
  const failing = new Map<string, number>();
  for (const { causedBy, outcome } of routes) {
    const weight = outcome === "fails" ? 1000 : 1;
    for (const { id } of causedBy) failing.set(id, (failing.get(id) ?? 0) + weight);
  }
  return findings
    .map((finding, index) => ({ finding, index }))
    .sort(
      (a, b) =>
        roles.indexOf(a.finding.role) - roles.indexOf(b.finding.role) ||
        (failing.get(b.finding.id) ?? 0) - (failing.get(a.finding.id) ?? 0) ||
        certainties.indexOf(a.finding.certainty) - certainties.indexOf(b.finding.certainty) ||
        a.index - b.index,
    )
    .map(({ finding }) => finding);
}
