import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan, wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, type RefusedAnswer, refusedWith, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes, refusedStatus, valueFor } from "./failing-probe.ts";
import { hostFit } from "./host-routed.ts";
import { knownPath } from "./known-path.ts";
import { pathTrials } from "./path-trials.ts";
import { addProbe, hostLikeDefault } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly answer: RefusedAnswer;
  readonly host: string | undefined;
  /** A path the application is known to answer on. */
  readonly path: string | undefined;
  /** A path that was answered well. */
  readonly healedBy: string | undefined;
}

export default defineCause({
  id: "probe-default-root",
  title: "Default probe asks for / and there is nothing",
  layer: "http",
  decidedBy: ["health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: [...moreTellingThan("probe-default-root"), ...wrongServerCauses],
  about: `Without a probe of its own a setting is probed with \`GET /\`. An application that serves only below another path (an
API, a site without a start page) answers 404 or 403 there and is marked down although it runs. Attach a probe that asks
for a path the application answers with 200. An unknown host name gets the same answer from servers with several sites;
only a second probe tells the two apart. Live, the same probe is sent for other paths: those of other probes, those routes
lead to, and usual ones.`,
  find: (facets) => {
    const { gateway, plans, services, health } = facets;
    const refused = refusedWith(health, nothingThere).filter(
      ({ server }) => server.pair.setting.probe === undefined,
    );
    // A platform service answers so when its name is missing, or (403) for who asks: other causes.
    const concerned = refused.filter(({ server, status }) => {
      const service = services.of(server);
      if (service === undefined) return true;
      if (status === 403 || service.kind === "api-management") return false;
      return hostFit({ server, service }, plans.probe(server).host.value) !== "unfit";
    });
    const answers = new Map(concerned.map((answer) => [answer.server, answer]));
    const healed = experimentsByServer(healedProbes(facets.live, (failing) => trials(facets, failing)));
    const found = byProbe([...answers.keys()]).flatMap(({ key, settings, servers }): Decision<Match>[] => {
      const [setting] = settings;
      const [first] = servers;
      const answer = first && answers.get(first);
      if (setting === undefined || first === undefined || answer === undefined) return [];
      const host = plans.probe(first).host.value;
      return [
        {
          is: "found",
          key,
          match: {
            gateway,
            setting,
            answer,
            host,
            path: knownPath(servers, facets),
            healedBy: valueFor(servers, healed),
          },
          affects: { servers },
          effect: "stops-probes",
          basis:
            services.of(first) !== undefined && answer.status !== 403
              ? "observed-likely"
              : "observed-possible",
        },
      ];
    });
    return [...found, ...openWithoutReport(facets, ({ setting }) => setting.probe === undefined)];
  },
  trials,
  say: ({ setting, answer, host, healedBy }, affects): Statement => ({
    summary: `Backend setting ${setting.name} has no probe, so ${serverNames(serversOf(affects))} is asked for / (Host ${host ?? "none"}) and answers ${answer.status}${healedBy === undefined ? "" : `, but answers well for ${healedBy}`}`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence("no probe is attached: the default probe asks GET /", setting.source.at("probe")),
      ...reportEvidence(answer),
    ],
  }),
  fix: ({ gateway, setting, path: documented, host, healedBy }): FixProposal => {
    const path = healedBy ?? documented;
    return path === undefined
      ? {
          summary: `Attach a probe to backend setting ${setting.name} whose path the application answers with 200.`,
          changes: [],
          sideEffects: [],
        }
      : {
          summary: `Attach a probe for ${path}, ${healedBy === undefined ? "the application's own health check" : "which is answered well"}, to backend setting ${setting.name}.`,
          changes: addProbe(gateway, [setting], `${setting.name}-probe`, {
            path,
            ...(host === "127.0.0.1" ? { host } : hostLikeDefault([setting])),
          }),
          sideEffects: [],
        };
  },
});

function nothingThere(status: number | undefined): boolean {
  return status === 404 || status === 403 || status === 410;
}

function trials(facets: Pick<Facets, "gateway" | "services" | "live">, failing: Failing): readonly Trial[] {
  if (failing.server.pair.setting.probe !== undefined || !nothingThere(refusedStatus(failing))) return [];
  // There the documented status path is another cause's.
  if (facets.services.of(failing.server)?.kind === "api-management") return [];
  return pathTrials(facets, failing);
}
