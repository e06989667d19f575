import type { Pair } from "../../../routing/routes.ts";
import type { Found } from "../../cause.ts";
import type { Experiment, Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { Failing, ReplayedRequest } from "../../live-evidence.ts";
import { evidence, groupedBy, listed, sentWords, serverNames } from "../../statements.ts";
import { chainEvidence } from "./chain-words.ts";
import { isHandshakeRefused } from "./handshake-ends.ts";
import { type NameFacets, nameQuestion, nameTrials } from "./names-to-ask.ts";
import { failsInTls } from "./reported.ts";
import { isNameUnknown } from "./seen-faults.ts";

export type RequestFacets = NameFacets & Pick<Facets, "health">;

/** Requests of a pair that fail for the name they ask for in TLS, while the probe is past that. */
export interface NamedRequests {
  readonly pair: Pair;
  readonly first: ReplayedRequest;
  readonly requests: readonly ReplayedRequest[];
  /** The name under which the same request gets through. */
  readonly named: Experiment | undefined;
}

/** Other names for a request whose server the probe does not find wanting; the probe's own name first. */
export function requestNameTrials(facets: RequestFacets, failing: Failing): readonly Trial[] {
  const { plan, server } = failing;
  if (plan.purpose !== "request" || failsInTls(facets.health.of(server))) return [];
  const probed = facets.plans.probe(server).sni.value?.toLowerCase();
  const trials = nameTrials(facets, failing);
  return [...trials.filter(({ to }) => to === probed), ...trials.filter(({ to }) => to !== probed)];
}

interface OneRequest {
  readonly request: ReplayedRequest;
  readonly named: Experiment | undefined;
  /** The certificate is for other names, or the server refuses the name, and no other name that is known helps. */
  readonly certain: boolean;
}

/** The requests that fail like this, by pair. */
export function failingByName(facets: RequestFacets): Found<NamedRequests>[] {
  if (!facets.live.tried) return [];
  const seen = facets.live.requests.flatMap((request) => ofRequest(facets, request) ?? []);
  return groupedBy(seen, ({ request }) => request.server.pair.id).map(([key, group]) => {
    const [{ request: first }] = group as [OneRequest];
    const requests = group.map(({ request }) => request);
    const named = group.find((one) => one.named !== undefined)?.named;
    const { pair } = first.server;
    const servers = [...new Set(requests.map(({ server }) => server))];
    const everywhere = pair.servers.every((server) => servers.includes(server));
    return {
      is: "found",
      key,
      match: { pair, first, requests, named },
      affects: everywhere ? { routes: [...new Set(requests.map(({ route }) => route))] } : { servers },
      effect: "stops-requests",
      basis: group.every(({ certain }) => certain) ? "state" : "observed-likely",
    };
  });
}

function ofRequest(facets: RequestFacets, request: ReplayedRequest): OneRequest | undefined {
  if (request.outcome !== "failing" || failsInTls(facets.health.of(request.server))) return undefined;
  const question = nameQuestion(facets, request);
  if (question.is === "answered") return { request, named: question.by, certain: false };
  const certain = question.is === "closed";
  if (isNameUnknown(request)) return { request, named: undefined, certain };
  const mismatch = request.chain?.faults.some((one) => one.enforced && one.kind === "name-mismatch");
  if (request.kind !== "certificate" || mismatch !== true) return undefined;
  return { request, named: undefined, certain };
}

export function requestSummary({ pair, first, requests }: NamedRequests, probed: string | undefined): string {
  const asked = listed([...new Set(requests.map(({ plan }) => plan.sni ?? "no name"))]);
  const servers = serverNames(requests.map(({ server }) => server));
  const carried = first.chain?.names ?? [];
  const refused = isHandshakeRefused(first)
    ? `${servers} of pool ${pair.pool.name} refuses`
    : `the certificate of ${servers} of pool ${pair.pool.name} is not for`;
  const instead = carried.length === 0 ? "" : ` (it is for ${listed(carried)})`;
  return `Requests through backend setting ${pair.setting.name} ask for ${asked} in TLS, which ${refused}${instead}, while the probe asks for ${probed ?? "no name"}`;
}

export function requestEvidence({ first }: NamedRequests): Evidence[] {
  return [evidence(`${sentWords(first)}: ${first.says}`, first.source), ...chainEvidence(first)];
}

/** The names under which requests of the pair got past TLS. */
export function namesPassed({ live }: Pick<Facets, "live">, pair: Pair): ReadonlySet<string> {
  const passed = live.requests.filter(
    ({ server, outcome, passed: layers }) =>
      server.pair === pair && (outcome === "fine" || layers.includes("tls")),
  );
  return new Set(passed.flatMap(({ plan }) => plan.sni?.toLowerCase() ?? []));
}
