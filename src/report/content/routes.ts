import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Finding } from "../../diagnosis/finding.ts";
import type { Outcome, RouteVerdict, ServerVerdict } from "../../diagnosis/verdict.ts";
import type { Numbering } from "./numbering.ts";
import { counted, joined } from "./wording.ts";

/** Routes that fare the same for the same reasons; a gateway may have hundreds. */
export interface RouteGroup {
  readonly outcome: Outcome;
  readonly status: number | null;
  /** Ids of the root findings. */
  readonly causedBy: readonly string[];
  readonly routes: readonly string[];
}

const order: readonly Outcome[] = ["fails", "degraded", "unknown", "ok"];

/** Worst first, then in the order of the roots. */
export function groupRoutes(verdicts: readonly RouteVerdict[], numbering: Numbering): RouteGroup[] {
  const groups = new Map<string, RouteGroup & { routes: string[] }>();
  for (const { route, outcome, status, causedBy } of verdicts) {
    const ids = causedBy.map(({ id }) => id);
    const key = JSON.stringify([outcome, status, ids]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { outcome, status, causedBy: ids, routes: [route.id] });
    else group.routes.push(route.id);
  }
  const rank = ({ causedBy }: RouteGroup): number => numbering.ofAll(causedBy)[0] ?? Number.MAX_SAFE_INTEGER;
  return [...groups.values()].sort(
    (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || rank(a) - rank(b),
  );
}

/** The one sentence that says how the gateway fares. */
export function headline(verdicts: readonly RouteVerdict[]): string {
  const total = verdicts.length;
  if (total === 0) return "No route: no rule of this gateway leads from a listener anywhere.";
  const count = (outcome: Outcome): number =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const fails = count("fails");
  const degraded = count("degraded");
  const unknown = count("unknown");
  const ok = count("ok");
  if (ok === total) {
    const fine = total === 1 ? "The one route is fine" : `All ${total} routes are fine`;
    // Requests were served while something hides the health of the servers.
    const hidden = verdicts.some(({ servers }) => servers.some(({ causedBy }) => causedBy.length > 0));
    const whose = total === 1 ? "its" : "their";
    return hidden ? `${fine}, but the health of ${whose} servers cannot be read.` : `${fine}.`;
  }
  if (unknown === total) {
    const fare = total === 1 ? "the one route fares" : `the ${total} routes fare`;
    return `Nothing among the documents shows how ${fare}.`;
  }
  if (total === 1) {
    return fails === 1
      ? `The one route fails${withStatus(verdicts)}.`
      : "The one route loses some requests or servers.";
  }
  const rest = [
    ...(degraded > 0 && fails > 0 ? [`${degraded} degraded`] : []),
    ...(ok > 0 ? [`${ok} ok`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ];
  const others = rest.length > 0 ? `; ${joined(rest)}` : "";
  if (fails > 0) {
    return `${fails} of ${counted(total, "route")} ${fails === 1 ? "fails" : "fail"}${withStatus(verdicts)}${others}.`;
  }
  if (degraded > 0) {
    return `${degraded} of ${counted(total, "route")} ${degraded === 1 ? "loses" : "lose"} some requests or servers${others}.`;
  }
  return `No route fails as far as the documents show; ${joined(rest)}.`;
}

function withStatus(verdicts: readonly RouteVerdict[]): string {
  const statuses = [
    ...new Set(
      verdicts.flatMap(({ outcome, status }) => (outcome === "fails" && status !== null ? [status] : [])),
    ),
  ].sort((a, b) => a - b);
  return statuses.length === 0 ? "" : ` with ${statuses.join(" or ")}`;
}

/** Everything a finding does, in the order of the routes. */
export interface Impact {
  readonly routes: readonly RouteVerdict[];
  readonly servers: readonly ServerVerdict[];
}

export function impactOf(finding: Pick<Finding, "id">, { routes }: Pick<Diagnosis, "routes">): Impact {
  const hit = routes.filter(({ causedBy }) => causedBy.some(({ id }) => id === finding.id));
  const servers = new Set<ServerVerdict>();
  for (const list of new Set(hit.map((verdict) => verdict.servers))) {
    for (const server of list) if (server.causedBy.some(({ id }) => id === finding.id)) servers.add(server);
  }
  return { routes: hit, servers: [...servers] };
}

/** `10.0.1.4:8080`, without repeats. */
export function serverNames(servers: readonly ServerVerdict[]): string[] {
  return [
    ...new Set(
      servers.map(({ server }) => {
        const name =
          server.address ?? server.member.ipConfiguration?.id ?? "an address that was not exported";
        const { port } = server.pair.setting;
        return port === undefined ? name : `${name}:${port}`;
      }),
    ),
  ];
}

/** Routes that were seen to fail or to lose requests while nothing found explains it. */
export function unexplained(verdicts: readonly RouteVerdict[]): RouteVerdict[] {
  return verdicts.filter(
    ({ outcome, causedBy }) => (outcome === "fails" || outcome === "degraded") && causedBy.length === 0,
  );
}

/** Whether anything is wrong now: what the exit code says. */
export function isInTrouble({ findings, routes }: Pick<Diagnosis, "findings" | "routes">): boolean {
  return findings.some(({ role }) => role === "root") || unexplained(routes).length > 0;
}
