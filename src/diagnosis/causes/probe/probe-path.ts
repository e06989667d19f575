import { isAddressLiteral } from "../../../health/probe-plan.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, probeSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan, wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, type RefusedAnswer, refusedWith, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes, refusedStatus, valueFor } from "./failing-probe.ts";
import { hostFit } from "./host-routed.ts";
import { mayHostHelp } from "./host-trials.ts";
import { knownPath } from "./known-path.ts";
import { fixPath } from "./path-fix.ts";
import { pathTrials } from "./path-trials.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly settings: readonly BackendSetting[];
  readonly answer: RefusedAnswer;
  readonly path: string | undefined;
  /** A path that was answered well. */
  readonly healedBy: string | undefined;
}

export default defineCause({
  id: "probe-path",
  title: "Probe asks for a path that is not served",
  layer: "http",
  decidedBy: ["health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: [...moreTellingThan("probe-path"), ...wrongServerCauses],
  about: `The custom probe asks for a path the application does not have: it answers 404 and the server is marked down although
it runs. The path was misspelt, moved with a release, or lacks the prefix under which the application is mounted. The same
404 comes from a server that does not know the probe's host name; where the backend is of a kind that routes by host, that
is looked at first. Live, the same probe is sent for other paths, and before that under other host names.`,
  find: (facets) => {
    const { gateway, health } = facets;
    const healed = experimentsByServer(healedProbes(facets.live, (failing) => trials(facets, failing)));
    const answers = new Map(
      refusedWith(health, notServed)
        .filter(({ server }) => server.pair.setting.probe?.target !== undefined)
        .filter(({ server }) => fitOf(server, facets) !== "unfit")
        .map((answer) => [answer.server, answer]),
    );
    const found = byProbe([...answers.keys()]).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const [first] = servers;
        const answer = first && answers.get(first);
        if (probe === undefined || answer === undefined) return [];
        return [
          {
            is: "found",
            key,
            match: {
              gateway,
              probe,
              settings,
              answer,
              path: knownPath(servers, facets),
              healedBy: valueFor(servers, healed),
            },
            affects: { servers },
            effect: "stops-probes",
            basis: servers.every((server) => isHostBeyondDoubt(answers.get(server), facets))
              ? "observed-likely"
              : "observed-possible",
          },
        ];
      },
    );
    return [...found, ...openWithoutReport(facets, (pair) => asksUnknownPath(pair, facets))];
  },
  trials,
  say: ({ probe, answer, healedBy }, affects): Statement => ({
    summary: `Probe ${probe.name} asks ${serverNames(serversOf(affects))} for ${probe.path ?? "/"}, which answers ${answer.status}${healedBy === undefined ? "" : `; ${healedBy} is answered well`}`,
    subjects: [probeSubject(probe)],
    evidence: [
      evidence(`the probe's path is ${probe.path ?? "/"}`, probe.source.at("path")),
      ...reportEvidence(answer),
    ],
  }),
  fix: ({ gateway, probe, settings, path, healedBy }) =>
    fixPath(
      gateway,
      probe,
      settings,
      { documented: path, seen: healedBy },
      "a path that the application answers with a status it accepts",
    ),
});

function notServed(status: number | undefined): boolean {
  return status === 404 || status === 410;
}

function trials(facets: Pick<Facets, "gateway" | "services" | "live">, failing: Failing): readonly Trial[] {
  if (failing.server.pair.setting.probe?.target === undefined) return [];
  return notServed(refusedStatus(failing)) ? pathTrials(facets, failing) : [];
}

/** By what stands behind the server, and once it is asked live, by other names that did not help. */
function isHostBeyondDoubt(
  answer: RefusedAnswer | undefined,
  facets: Pick<Facets, "gateway" | "plans" | "services" | "live">,
): boolean {
  if (answer === undefined || fitOf(answer.server, facets) !== "fits") return false;
  return answer.live === undefined || !mayHostHelp(facets, answer.live);
}

/** Whether the host in the probe is beyond doubt, so that only the path is left. */
function fitOf(
  server: Server,
  { plans, services }: Pick<Facets, "plans" | "services">,
): "fits" | "unfit" | "unknown" {
  const service = services.of(server);
  const host = plans.probe(server).host.value;
  if (service !== undefined) return hostFit({ server, service }, host);
  return host === undefined || isAddressLiteral(host) ? "unknown" : "fits";
}

/** A custom probe whose path nobody vouches for. */
function asksUnknownPath(pair: Pair, facets: Pick<Facets, "services">): boolean {
  const probe = pair.setting.probe?.target;
  return probe !== undefined && knownPath(pair.servers, facets) !== (probe.path ?? "/");
}
