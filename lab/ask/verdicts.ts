import type { CauseId } from "../../src/diagnosis/cause-ids.ts";
import type { DiagnosisJson } from "../../src/report/json-types.ts";

/** One answer of Causeway, reduced to what is scored. */
export interface Answered {
  /** By route: ids of the causes that are roots of it, most important first. */
  readonly roots: ReadonlyMap<string, readonly string[]>;
  /** Roots that are of no route. */
  readonly otherRoots: readonly string[];
  /** Causes that are told of as a risk. */
  readonly risks: readonly string[];
  /** What undecided checks need, by cause. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly statusOf: (cause: CauseId) => "found" | "ruled-out" | "undecided" | "unknown";
  readonly experiments: number;
  /** One request was asked about: only of its route can anything be said. */
  readonly ofRoute?: string;
}

export function answeredBy(diagnosis: DiagnosisJson): Answered {
  const roots = new Map<string, readonly string[]>();
  const inRoutes = new Set<string>();
  for (const { id, causedBy, servers } of diagnosis.routes) {
    const wanted = new Set([...causedBy, ...servers.flatMap((server) => server.causedBy)]);
    const found = diagnosis.findings.filter((finding) => finding.role === "root" && wanted.has(finding.id));
    for (const finding of found) inRoutes.add(finding.id);
    roots.set(id, [...new Set(found.map(({ cause }) => cause))]);
  }
  const others = diagnosis.findings.filter(({ id, role }) => role === "root" && !inRoutes.has(id));
  return {
    roots,
    otherRoots: others.map(({ cause }) => cause),
    risks: diagnosis.findings.flatMap(({ role, cause }) => (role === "risk" ? cause : [])),
    needs: new Map(diagnosis.checks.map(({ cause, needs }) => [cause, needs])),
    statusOf: (cause) => diagnosis.checks.find((check) => check.cause === cause)?.status ?? "unknown",
    experiments: (diagnosis.live?.experiments.made ?? 0) + (diagnosis.live?.fixesTried ?? 0),
  };
}

/** The explanation of a request that took no route: the cause in its record is all there is. */
export function namedAlone(route: string | null, cause: string | null): Answered {
  const named = cause === null ? [] : [cause];
  return {
    roots: new Map(route === null ? [] : [[route, named]]),
    otherRoots: route === null ? named : [],
    ...(route === null ? {} : { ofRoute: route }),
    risks: [],
    needs: new Map(),
    statusOf: () => "unknown",
    experiments: 0,
  };
}
