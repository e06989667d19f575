import { statusMatches } from "../../../health/status-match.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, probeSubject, serverNames, settingSubject, subject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan, wrongServerCauses } from "../families.ts";
import { byProbe, firstEntry, openWithoutReport, refusedWith, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes, mayHelp, refusedStatus, valueFor } from "./failing-probe.ts";
import { hostTrials } from "./host-trials.ts";
import { withStatus } from "./match-trials.ts";
import { pathTrials } from "./path-trials.ts";
import { addProbe, changeProbe, hostLikeDefault } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly status: number;
  readonly entry: HealthEntry | undefined;
  /** A site whose authentication refuses whoever does not sign in. */
  readonly site: ReturnType<typeof siteOf>;
  /** A path that was answered well without login. */
  readonly openPath: string | undefined;
}

type LiveReads = Pick<Facets, "gateway" | "services" | "live">;

export default defineCause({
  id: "probe-auth",
  title: "Probe asks for something that wants a login",
  layer: "http",
  decidedBy: ["health", "configuration", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: [
    ...moreTellingThan("probe-path"),
    "appsvc-access-restriction",
    "service-endpoint-source",
    "dns-zone-not-linked",
    "dns-zone-missing",
    "tls-client-cert-required",
    ...wrongServerCauses,
  ],
  about: `Probes carry no credentials. An application, or the platform's sign-in in front of it, that wants them answers 401 (or
403), which is outside 200–399, and the server is marked down although users who sign in would be served. Either the
application offers a health path without login, or the probe takes 401 for healthy, which proves at least that the server
answers. Live, a path that is answered without login shows it; where none is found, no other host name helps and the server
asks for a login by name (\`WWW-Authenticate\`), the code is all that stands in the way.`,
  find: (facets) => {
    const { gateway, services, health } = facets;
    const refused = refusedWith(health, (status) => status === 401 || status === 403).filter(
      ({ server, status }) => status === 401 || services.of(server) === undefined,
    );
    const healed = experimentsByServer(healedProbes(facets.live, (failing) => openPaths(facets, failing)));
    const statuses = new Map(refused.map(({ server, status }) => [server, status]));
    const found = byProbe([...statuses.keys()]).map(
      ({ key, probe, settings, servers: own }): Decision<Match> => {
        const status = own.map((server) => statuses.get(server)).find((one) => one !== undefined) ?? 401;
        const site = siteOf(own, services);
        return {
          is: "found",
          key,
          match: {
            gateway,
            probe,
            settings,
            status,
            entry: firstEntry(health, own),
            site,
            openPath: valueFor(own, healed),
          },
          affects: { servers: own },
          effect: "stops-probes",
          basis:
            site !== undefined ? "configuration" : status === 401 ? "observed-likely" : "observed-possible",
        };
      },
    );
    const open = openWithoutReport(facets, (pair) =>
      pair.servers.some((server) => !statusMatches(facets.plans.probe(server).healthyStatuses.value, 401)),
    );
    return [...found, ...open];
  },
  trials,
  say: ({ probe, settings, status, entry, site, openPath }, affects): Statement => {
    const [setting] = settings;
    return {
      summary: `${probe === undefined ? "The default probe" : `Probe ${probe.name}`} asks ${serverNames(serversOf(affects))} for ${probe?.path ?? "/"} without credentials and is answered with ${status}${openPath === undefined ? "" : `; ${openPath} is open to everybody`}`,
      subjects: [
        ...(probe === undefined
          ? setting === undefined
            ? []
            : [settingSubject(setting)]
          : [probeSubject(probe)]),
        ...(site === undefined ? [] : [subject("site", site)]),
      ],
      evidence: [
        ...(site === undefined
          ? []
          : [
              evidence(
                `the authentication of site ${site.name} refuses requests without a sign-in`,
                site.source,
              ),
            ]),
        ...(probe === undefined
          ? []
          : [evidence(`the probe's path is ${probe.path ?? "/"}`, probe.source.at("path"))]),
        ...reportEvidence(entry),
      ],
    };
  },
  fix: ({ gateway, probe, settings, status, site, openPath }): FixProposal => {
    if (openPath !== undefined) return askOpenPath(gateway, probe, settings, openPath);
    const sideEffects = [`A server that answers ${status} to everything then counts as healthy.`];
    if (status !== 401) {
      return {
        summary: "Let the probe ask for a path that is open to everybody.",
        changes: [],
        sideEffects: [],
      };
    }
    if (probe === undefined) {
      return {
        summary: `Attach a probe that takes 401 for healthy, or better one that asks for a health path without login.`,
        changes: addProbe(gateway, settings, `${settings[0]?.name ?? "login"}-probe`, {
          ...hostLikeDefault(settings),
          "match/statusCodes": ["200-399", "401"],
        }),
        sideEffects,
        ...(site === undefined
          ? { notVerifiable: "that the new probe gets the same 401 only its first result shows" }
          : {}),
      };
    }
    const accepted = probe.match.statusCodes.length === 0 ? ["200-399"] : probe.match.statusCodes;
    return {
      summary: `Let probe ${probe.name} take 401 for healthy, or better let it ask for a health path without login.`,
      changes: changeProbe(gateway, probe, settings, { "match/statusCodes": [...accepted, "401"] }),
      sideEffects,
    };
  },
});

/** Paths that may be open to everybody. */
function openPaths(facets: LiveReads, failing: Failing): readonly Trial[] {
  const status = refusedStatus(failing);
  const platform = facets.services.of(failing.server) !== undefined;
  return status === 401 || (status === 403 && !platform) ? pathTrials(facets, failing) : [];
}

/**
 * That the code is refused is no proof as long as another host name may be served without login; a login that is asked
 * for by name is, once nothing else helps.
 */
function trials(facets: LiveReads, failing: Failing): readonly Trial[] {
  const paths = openPaths(facets, failing);
  const asksForLogin = failing.observation.http?.headers.some(
    ({ name }) => name.toLowerCase() === "www-authenticate",
  );
  if (refusedStatus(failing) !== 401 || !asksForLogin) return paths;
  const others = [...paths.filter(({ risk }) => risk === "safe"), ...hostTrials(facets, failing)];
  if (mayHelp(facets, failing, others)) return paths;
  return [...paths, withStatus(failing, failing.server.pair.setting.probe?.target, 401)];
}

function askOpenPath(
  gateway: Gateway,
  probe: Probe | undefined,
  settings: readonly BackendSetting[],
  path: string,
): FixProposal {
  const name = settings[0]?.name ?? "login";
  return probe === undefined
    ? {
        summary: `Attach a probe for ${path}, which is open to everybody, to backend setting ${name}.`,
        changes: addProbe(gateway, settings, `${name}-probe`, { path, ...hostLikeDefault(settings) }),
        sideEffects: [],
      }
    : {
        summary: `Set the path of probe ${probe.name} to ${path}, which is open to everybody.`,
        changes: changeProbe(gateway, probe, settings, { path }),
        sideEffects: [],
      };
}

function refusesAnonymous(service: {
  readonly site: { readonly authenticationRequired: boolean | undefined } | undefined;
}): boolean {
  return service.site?.authenticationRequired === true;
}

function siteOf(servers: readonly Server[], services: Facets["services"]) {
  for (const server of servers) {
    const service = services.of(server);
    if (service?.kind === "app-service" && refusesAnonymous(service)) return service.site;
  }
  return undefined;
}
