import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, reportEvidence } from "./answers.ts";
import { mayHostHelp } from "./host-trials.ts";
import { withAnyBody } from "./match-trials.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly settings: readonly BackendSetting[];
  readonly body: string;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "probe-body",
  title: "Probe wants a text the answer does not have",
  layer: "http",
  decidedBy: ["health", "configuration", "live"],
  reads: ["gateway", "wiring", "services", "health", "live"],
  explainedBy: [...wrongServerCauses, "probe-host"],
  about: `The probe wants a certain text in the body of the answer, letter by letter, and the application answers without it: the
page changed with a release, is made for each visitor, or comes compressed. The status is fine and the server is marked
down all the same. The health message says that the body did not match. Live, other host names are tried before, because a
server with several sites may have answered with another one's page.`,
  find: (facets) => {
    const { gateway, health, services, live } = facets;
    const refused = health.unhealthy.filter(({ message }) => message.key === "body");
    const found = byProbe(refused.map(({ server }) => server)).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const body = probe?.match.body;
        const [first] = servers;
        if (probe === undefined || body === undefined || first === undefined) return [];
        const entry = health.of(first);
        const open = entry?.live !== undefined && mayHostHelp({ gateway, services, live }, entry.live);
        return [
          {
            is: "found",
            key,
            match: { gateway, probe, settings, body, entry },
            affects: { servers },
            effect: "stops-probes",
            basis: open ? "observed-likely" : "configuration",
          },
        ];
      },
    );
    const open = openWithoutReport(facets, ({ setting }) => setting.probe?.target?.match.body !== undefined);
    return [...found, ...open];
  },
  trials: (facets, failing) => {
    if (failing.kind !== "body" || mayHostHelp(facets, failing)) return [];
    return [withAnyBody(failing)];
  },
  say: ({ probe, body, entry }, affects): Statement => ({
    summary: `Probe ${probe.name} wants the text ${quoted(body)} in the answer, and what ${serverNames(serversOf(affects))} sends does not have it`,
    subjects: [probeSubject(probe)],
    evidence: [
      evidence(`the text wanted is ${quoted(body)}`, probe.source.at("match")),
      ...reportEvidence(entry),
    ],
  }),
  fix: ({ gateway, probe, settings }) => ({
    summary: `Let probe ${probe.name} look at the status only, until a text is known that the answer always has.`,
    changes: changeProbe(gateway, probe, settings, { "match/body": "" }),
    sideEffects: ["An error page that is sent with an accepted status then counts as healthy."],
  }),
});

/** Up to forty letters, so that a whole page does not fill the report. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
