import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan, wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, type RefusedAnswer, refusedWith, reportEvidence } from "./answers.ts";
import { knownPath } from "./known-path.ts";
import { fixPath } from "./path-fix.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly answer: RefusedAnswer;
  readonly path: string | undefined;
}

export default defineCause({
  id: "probe-method",
  title: "Backend does not take GET on the probe path",
  layer: "http",
  decidedBy: ["health"],
  reads: ["gateway", "wiring", "services", "health"],
  explainedBy: [...moreTellingThan("probe-default-root"), ...wrongServerCauses],
  about: `Probes always use \`GET\`. An endpoint that takes only \`POST\` or \`HEAD\`, such as a SOAP or RPC address, answers 405
or 501, and the server is marked down although it serves its clients. The probe needs a path that answers \`GET\`; the
method cannot be changed.`,
  find: (facets) => {
    const { gateway, health } = facets;
    const refused = refusedWith(health, (status) => status === 405 || status === 501);
    const answers = new Map(refused.map((answer) => [answer.server, answer]));
    const found = byProbe([...answers.keys()]).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const [first] = servers;
        const answer = first && answers.get(first);
        if (answer === undefined) return [];
        return [
          {
            is: "found",
            key,
            match: { gateway, probe, settings, answer, path: knownPath(servers, facets) },
            affects: { servers },
            effect: "stops-probes",
            basis: "observed-likely",
          },
        ];
      },
    );
    return [...found, ...openWithoutReport(facets, () => true)];
  },
  say: ({ probe, settings, answer }, affects): Statement => ({
    summary: `${probe === undefined ? "The default probe" : `Probe ${probe.name}`} sends GET ${probe?.path ?? "/"} to ${serverNames(serversOf(affects))}, which takes no GET there and answers ${answer.status}`,
    subjects: probe === undefined ? settings.slice(0, 1).map(settingSubject) : [probeSubject(probe)],
    evidence: [
      ...(probe === undefined
        ? []
        : [evidence(`the probe's path is ${probe.path ?? "/"}`, probe.source.at("path"))]),
      ...reportEvidence(answer),
    ],
  }),
  fix: ({ gateway, probe, settings, path }): FixProposal =>
    probe === undefined
      ? {
          summary: `Attach a probe to backend setting ${settings[0]?.name ?? "?"} whose path answers GET.`,
          changes: [],
          sideEffects: [],
        }
      : fixPath(gateway, probe, settings, path, "a path that answers GET"),
});
