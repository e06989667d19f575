import type { Server } from "../../../routing/routes.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Failing } from "../../live-evidence.ts";
import { knownPath } from "./known-path.ts";

type Reads = Pick<Facets, "gateway" | "services" | "live">;

/** What frameworks and platforms commonly answer their health on. */
const wellKnown = ["/health", "/healthz"];

const mostPaths = 6;
const mostOfProbes = 3;
const costMs = 200;

interface Candidate {
  readonly path: string | undefined;
  readonly risk: Trial["risk"];
}

/** A failing probe for other paths, the likeliest first. */
export function pathTrials(
  facets: Reads,
  { server, plan }: Failing,
  also: readonly Candidate[] = [],
): readonly Trial[] {
  if (plan.purpose !== "probe" || plan.path === undefined) return [];
  const from = plan.path;
  const risks = new Map<string, Trial["risk"]>();
  for (const { path, risk } of [...also, ...candidates(facets, server, from)]) {
    if (path === undefined || path === from || !/^\/[\x21-\x7e]*$/.test(path)) continue;
    if (risks.get(path) !== "safe") risks.set(path, risk);
  }
  return [...risks].slice(0, mostPaths).map(([path, risk]) => ({
    what: "path",
    from,
    to: path,
    plan: { ...plan, path },
    proof: "fine",
    risk,
    costMs,
  }));
}

/** What was answered well before, what probes ask for, where routes lead, and what is customary. */
function candidates({ gateway, services, live }: Reads, server: Server, asked: string): Candidate[] {
  const { pair } = server;
  const served = live
    .requestsTo(server)
    .filter(({ outcome, plan, status = 0 }) => outcome === "fine" && plan.method === "GET" && status < 300)
    // Its query was withheld: without it, the answer may be another.
    .filter(({ plan }) => !plan.path?.includes("?"));
  const probes = gateway.settings.map(({ probe }) =>
    probe === undefined ? "/" : (probe.target?.path ?? "/"),
  );
  const prefixes = pair.routes.flatMap(({ pathRule }) =>
    pathRule === undefined || pathRule === "default"
      ? []
      : pathRule.paths.map((path) => path.replace(/\*.*$/, "")),
  );
  return [
    ...served.map(({ plan }): Candidate => ({ path: plan.path, risk: "safe" })),
    { path: knownPath([server], { services }), risk: "all" },
    ...[...new Set([...probes, ...gateway.probes.map(({ path }) => path ?? "/")])]
      .filter((path) => path !== asked)
      .slice(0, mostOfProbes)
      .map((path): Candidate => ({ path, risk: "safe" })),
    ...["/", ...prefixes, ...wellKnown].map((path): Candidate => ({ path, risk: "all" })),
  ];
}
