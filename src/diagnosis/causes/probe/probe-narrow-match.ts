import { formatStatusRanges, parseStatusRanges } from "../../../health/status-match.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, type RefusedAnswer, refusedWith, reportEvidence } from "./answers.ts";
import { refusedStatus } from "./failing-probe.ts";
import { mayHostHelp } from "./host-trials.ts";
import { withStatus } from "./match-trials.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly settings: readonly BackendSetting[];
  readonly statuses: readonly number[];
  readonly answer: RefusedAnswer;
  /** The text that the probe wants besides is not in the answer either. */
  readonly lacksText: boolean;
}

export default defineCause({
  id: "probe-narrow-match",
  title: "Probe refuses a status that means success",
  layer: "http",
  decidedBy: ["health", "configuration", "live"],
  reads: ["gateway", "wiring", "services", "health", "live"],
  explainedBy: [...wrongServerCauses, "probe-host"],
  about: `The probe lists which status codes count as healthy, and the list leaves out what the application answers when it is
well: only 200 while it redirects to a sign-in page or to https with 301 or 302, or while it answers 204. The server is
marked down although nothing is wrong with it. Without a list 200–399 counts. Widen the list by the code that comes, or
let the probe ask for the page the redirect leads to. A live answer is judged again with the code in the list; where it
redirects to the same path under another host name, that name is tried first.`,
  find: (facets) => {
    const { gateway, health, services, live } = facets;
    const isHostOpen = ({ live: failing }: RefusedAnswer): boolean =>
      failing !== undefined && mayHostHelp({ gateway, services, live }, failing);
    const answers = new Map(
      refusedWith(health, (status) => status >= 200 && status < 400)
        .filter(({ server, status }) => refuses(server.pair.setting.probe?.target, status))
        .map((answer) => [answer.server, answer]),
    );
    const found = byProbe([...answers.keys()]).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const own = servers.flatMap((server) => answers.get(server) ?? []);
        const [answer] = own;
        if (probe === undefined || answer === undefined) return [];
        const statuses = [...new Set(own.map(({ status }) => status))];
        return [
          {
            is: "found",
            key,
            match: { gateway, probe, settings, statuses, answer, lacksText: own.some(lacksText) },
            affects: { servers },
            effect: "stops-probes",
            basis: own.some(isHostOpen) ? "observed-likely" : "configuration",
          },
        ];
      },
    );
    const open = openWithoutReport(facets, ({ setting }) => isNarrow(setting.probe?.target));
    return [...found, ...open];
  },
  trials: (facets, failing) => {
    const status = refusedStatus(failing) ?? 0;
    const probe = failing.server.pair.setting.probe?.target;
    if (probe === undefined || status < 200 || status > 399) return [];
    if (mayHostHelp(facets, failing)) return [];
    return [withStatus(failing, probe, status)];
  },
  say: ({ probe, statuses, answer, lacksText }, affects): Statement => ({
    summary: `Probe ${probe.name} takes only ${accepted(probe)} for healthy, and ${serverNames(serversOf(affects))} answer${serversOf(affects).length === 1 ? "s" : ""} ${statuses.join(", ")}`,
    subjects: [probeSubject(probe)],
    evidence: [
      evidence(`accepted status codes: ${accepted(probe)}`, probe.source.at("match")),
      ...(lacksText
        ? [evidence("the text that the probe wants besides is not in the answer", probe.source.at("match"))]
        : []),
      ...reportEvidence(answer),
    ],
  }),
  fix: ({ gateway, probe, settings, statuses, lacksText }) => ({
    summary: `Let probe ${probe.name} take ${statuses.join(", ")} for healthy too${lacksText ? ", and look at the status only" : ""}.`,
    changes: changeProbe(gateway, probe, settings, {
      "match/statusCodes": [...probe.match.statusCodes, ...statuses.map(String)],
      ...(lacksText ? { "match/body": "" } : {}),
    }),
    sideEffects: [
      ...(statuses.some((status) => status >= 300)
        ? ["A redirect then counts as healthy, whether or not the page it leads to works."]
        : []),
      ...(lacksText ? ["An error page that is sent with an accepted status then counts as healthy."] : []),
    ],
  }),
});

function lacksText({ live }: RefusedAnswer): boolean {
  return live?.plan.lookFor !== undefined && live.observation.http?.bodyHolds === false;
}

function accepted(probe: Probe): string {
  return formatStatusRanges(parseStatusRanges(probe.match.statusCodes));
}

function refuses(probe: Probe | undefined, status: number): boolean {
  if (probe === undefined) return false;
  return parseStatusRanges(probe.match.statusCodes).every(({ from, to }) => status < from || status > to);
}

/** Some status between 200 and 399 is not taken. */
function isNarrow(probe: Probe | undefined): boolean {
  if (probe === undefined || probe.match.statusCodes.length === 0) return false;
  return !parseStatusRanges(probe.match.statusCodes).some(({ from, to }) => from <= 200 && to >= 399);
}
