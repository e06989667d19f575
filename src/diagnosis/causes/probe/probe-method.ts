import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { comesAndGoes } from "../../constancy.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { evidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan, wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, type RefusedAnswer, refusedWith, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes, mayHelp, refusedStatus, valueFor } from "./failing-probe.ts";
import { knownPath } from "./known-path.ts";
import { fixPath } from "./path-fix.ts";
import { pathTrials } from "./path-trials.ts";
import { addProbe, hostLikeDefault } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly answer: RefusedAnswer;
  readonly path: string | undefined;
  /** A path that was answered well. */
  readonly healedBy: string | undefined;
}

export default defineCause({
  id: "probe-method",
  title: "Backend does not take GET on the probe path",
  layer: "http",
  decidedBy: ["health", "live"],
  reads: ["gateway", "wiring", "services", "health", "live"],
  explainedBy: [...moreTellingThan("probe-default-root"), ...wrongServerCauses],
  about: `Probes always use \`GET\`. An endpoint that takes only \`POST\` or \`HEAD\`, such as a SOAP or RPC address, answers 405
or 501, and the server is marked down although it serves its clients. The probe needs a path that answers \`GET\`; the
method cannot be changed. Live, another path that answers \`GET\`, or \`HEAD\` or \`OPTIONS\` on the same, shows it.`,
  find: (facets) => {
    const { gateway, health, live } = facets;
    const healed = experimentsByServer(
      healedProbes(live, (failing) => trials(facets, failing).filter(({ what }) => what === "path")),
    );
    const refused = refusedWith(health, refusesMethod);
    const answers = new Map(refused.map((answer) => [answer.server, answer]));
    const found = byProbe([...answers.keys()]).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const own = servers.flatMap((server) => answers.get(server) ?? []);
        const [answer] = own;
        if (answer === undefined) return [];
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
            basis: isPlain(facets, own) ? "state" : "observed-likely",
          },
        ];
      },
    );
    return [...found, ...openWithoutReport(facets, () => true)];
  },
  trials,
  say: ({ probe, settings, answer, healedBy }, affects): Statement => ({
    summary: `${probe === undefined ? "The default probe" : `Probe ${probe.name}`} sends GET ${probe?.path ?? "/"} to ${serverNames(serversOf(affects))}, which takes no GET there and answers ${answer.status}${healedBy === undefined ? "" : `; ${healedBy} is answered well`}`,
    subjects: probe === undefined ? settings.slice(0, 1).map(settingSubject) : [probeSubject(probe)],
    evidence: [
      ...(probe === undefined
        ? []
        : [evidence(`the probe's path is ${probe.path ?? "/"}`, probe.source.at("path"))]),
      ...reportEvidence(answer),
    ],
  }),
  fix: ({ gateway, probe, settings, path, healedBy }): FixProposal => {
    if (probe !== undefined) {
      const known = { documented: path, seen: healedBy };
      return fixPath(gateway, probe, settings, known, "a path that answers GET");
    }
    const name = settings[0]?.name ?? "?";
    return {
      summary: `Attach a probe to backend setting ${name} ${healedBy === undefined ? "whose path answers GET" : `for ${healedBy}, which answers GET`}.`,
      changes:
        healedBy === undefined
          ? []
          : addProbe(gateway, settings, `${name}-probe`, { path: healedBy, ...hostLikeDefault(settings) }),
      sideEffects: [],
    };
  },
});

function refusesMethod(status: number | undefined): boolean {
  return status === 405 || status === 501;
}

/** Another path first, because it is the fix as well. */
function trials(facets: Pick<Facets, "gateway" | "services" | "live">, failing: Failing): readonly Trial[] {
  if (!refusesMethod(refusedStatus(failing))) return [];
  const methods = ["HEAD", "OPTIONS"].map(
    (method): Trial => ({
      what: "method",
      from: failing.plan.method ?? "GET",
      to: method,
      plan: { ...failing.plan, method },
      proof: "fine",
      risk: "safe",
      costMs: 250,
    }),
  );
  return [...pathTrials(facets, failing), ...methods];
}

/**
 * 405 says by itself that it is the method (RFC 9110 §15.5.6). Where servers list the methods they take, GET is not among
 * them, and at one of those that are alike no harmless path is left to try that would be the fix as well; where it lists
 * none, nothing at all is left. What the same server answers well at another moment is no matter of the method.
 */
function isPlain(
  facets: Pick<Facets, "gateway" | "services" | "live">,
  answers: readonly RefusedAnswer[],
): boolean {
  if (!answers.every(({ status, live }) => status === 405 && methodsOf(live)?.includes("GET") !== true))
    return false;
  return answers.some(({ live }) => {
    if (live === undefined || comesAndGoes(facets.live, live)) return false;
    const listed = methodsOf(live) !== undefined;
    return !mayHelp(
      facets,
      live,
      trials(facets, live).filter(({ risk }) => !listed || risk === "safe"),
    );
  });
}

/** Methods that a server says it takes; undefined = it lists none. */
function methodsOf(live: JudgedExchange | undefined): readonly string[] | undefined {
  const fields = live?.observation.http?.headers.filter(({ name }) => name.toLowerCase() === "allow") ?? [];
  if (fields.length === 0) return undefined;
  return fields.flatMap(({ value }) => value.split(",").map((method) => method.trim()));
}
