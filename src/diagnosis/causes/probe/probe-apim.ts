import type { ExchangePlan } from "../../../model/exchange-plan.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Experiment, Trial } from "../../experiment.ts";
import { healthExport } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan } from "../families.ts";
import { byProbe, firstEntry, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes, refusedStatus } from "./failing-probe.ts";
import { type HostRouted, hostFit, hostRoutedServers, servedHost } from "./host-routed.ts";
import { withHost } from "./host-trials.ts";
import { addProbe, changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly path: string;
  /** The gateway host name of the service, when one is certain. */
  readonly host: string | undefined;
  /** Whether the host the probe has now will do. */
  readonly hostFits: boolean;
  readonly entry: HealthEntry | undefined;
}

/** The path on which API Management answers 200 for its own health (health-probes.md §9). */
const statusPath = "/status-0123456789abcdef";

export default defineCause({
  id: "probe-apim",
  title: "API Management probed on a path it does not answer",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: moreTellingThan("probe-apim"),
  about: `API Management answers 404 for every path that is no API, \`/\` among them, so a default probe, or a custom one for a
path that is no operation, marks it down. For probes it has \`${statusPath}\`, which answers 200 under the gateway's own
host name. Behind an address (internal mode) the probe needs that host name as well, because the service chooses by it.
Live, that path is asked for.`,
  find: (facets) => {
    const { gateway, wiring, plans, services, health } = facets;
    const asked = new Map<HostRouted["server"], HostRouted>();
    for (const one of hostRoutedServers(wiring, services)) {
      if (one.service.kind !== "api-management") continue;
      const path = plans.probe(one.server).path.value;
      if (path !== undefined && path.split("?")[0] !== statusPath) asked.set(one.server, one);
    }
    const healed = experimentsByServer(healedProbes(facets.live, (failing) => trials(facets, failing)));
    const named = wiring.pairs.flatMap(({ servers }) => servers).filter((one) => isNamedOnly(one, facets));
    for (const server of named) {
      const hostName = plans.probe(server).host.value;
      asked.set(server, { server, service: { kind: "api-management", hostName, service: undefined } });
    }
    return byProbe([...asked.keys()]).flatMap(({ key, probe, settings, servers }): Decision<Match>[] => {
      const own = servers.flatMap((server) => asked.get(server) ?? []);
      const [first] = own;
      if (first === undefined) return [];
      const plan = plans.probe(first.server);
      const path = plan.path.value ?? "/";
      const entry = firstEntry(health, servers);
      // Some operation may answer any other path: there the report has to agree.
      if (path !== "/" && !isRefusal(entry)) {
        const unseen = servers.filter(
          (server) => (health.of(server)?.observation.health ?? "unknown") === "unknown",
        );
        if (unseen.length === 0) return [];
        const needs = { what: `whether API Management answers ${path}`, command: healthExport(gateway.id) };
        return [{ is: "undecided", needs, affects: { servers: unseen } }];
      }
      const hosts = new Set(own.map(servedHost));
      const [host] = hosts;
      return [
        {
          is: "found",
          key,
          match: {
            gateway,
            probe,
            settings,
            path,
            host: valueHost(servers, healed) ?? (hosts.size === 1 ? host : undefined),
            hostFits:
              healed.get(first.server)?.plan.host === plan.host.value ||
              hostFit(first, plan.host.value) === "fits" ||
              named.includes(first.server),
            entry,
          },
          affects: { servers },
          effect: "stops-probes",
          basis: "configuration",
        },
      ];
    });
  },
  trials,
  say: ({ probe, settings, path, entry }, affects): Statement => {
    const [setting] = settings;
    return {
      summary: `${probe === undefined ? "The default probe" : `Probe ${probe.name}`} asks API Management at ${serverNames(serversOf(affects))} for ${path}, which it answers with 404; its health is at ${statusPath}`,
      subjects: [
        ...(probe === undefined ? [] : [probeSubject(probe)]),
        ...(setting === undefined ? [] : [settingSubject(setting)]),
      ],
      evidence: [
        probe === undefined
          ? evidence(
              "no probe is attached: the default probe asks GET /",
              (setting as BackendSetting).source.at("probe"),
            )
          : evidence(`the probe's path is ${path}`, probe.source.at("path")),
        ...reportEvidence(entry),
      ],
    };
  },
  fix: ({ gateway, probe, settings, host, hostFits }): FixProposal | undefined => {
    if (host === undefined && !hostFits) return undefined;
    const [setting] = settings;
    if (probe === undefined) {
      const name = `${setting?.name ?? "api"}-probe`;
      return {
        summary: `Attach a probe for ${statusPath} of ${host} to backend setting ${setting?.name ?? "?"}.`,
        changes: host === undefined ? [] : addProbe(gateway, settings, name, { host, path: statusPath }),
        sideEffects: [],
      };
    }
    const fixHost = !hostFits && host !== undefined;
    return {
      summary: `Let probe ${probe.name} ask for ${statusPath}${fixHost ? ` of ${host}` : ""}.`,
      changes: changeProbe(gateway, probe, settings, {
        path: statusPath,
        ...(fixHost ? { host, pickHostNameFromBackendHttpSettings: false } : {}),
      }),
      sideEffects: [],
    };
  },
});

/** The status path, alone and together with a host name that the service certainly has. */
function trials(
  { gateway, services }: Pick<Facets, "gateway" | "services">,
  failing: Failing,
): readonly Trial[] {
  const { plan, server } = failing;
  const status = refusedStatus(failing);
  const service = services.of(server);
  const isApim = service === undefined ? apimName.test(plan.host ?? "") : service.kind === "api-management";
  if (!isApim || (status !== 404 && status !== 401) || isStatusPath(plan.path)) return [];
  const host = service === undefined ? undefined : servedHost({ server, service });
  const unfit = service !== undefined && hostFit({ server, service }, plan.host) === "unfit";
  const alone = trial(failing, { ...plan, path: statusPath }, statusPath);
  if (!unfit || host === undefined) return [alone];
  const both = { ...withHost(gateway.generation, plan, host, server.address), path: statusPath };
  return [alone, trial(failing, both, `${statusPath} of ${host}`)];
}

function trial({ plan }: Failing, changed: ExchangePlan, to: string): Trial {
  const from = plan.host === changed.host ? (plan.path ?? "/") : `${plan.path} of ${plan.host}`;
  return { what: "path", from, to, plan: changed, proof: "fine", risk: "all", costMs: 120 };
}

/** The host name under which the status path was answered well. */
function valueHost(servers: readonly Server[], healed: ReadonlyMap<Server, Experiment>): string | undefined {
  const hosts = new Set(servers.flatMap((server) => healed.get(server)?.plan.host ?? []));
  const [host] = hosts;
  return hosts.size === 1 ? host : undefined;
}

function isStatusPath(path: string | undefined): boolean {
  return path?.split("?")[0] === statusPath;
}

const apimName = /\.azure-api\.(net|us|cn)$/i;

/** A server that only the probe's host name tells to be API Management, refusing what it was asked. */
function isNamedOnly(
  server: Server,
  { plans, services, health }: Pick<Facets, "plans" | "services" | "health">,
): boolean {
  const { host, path } = plans.probe(server);
  return (
    services.of(server) === undefined &&
    apimName.test(host.value ?? "") &&
    !isStatusPath(path.value) &&
    isRefusal(health.of(server))
  );
}

function isRefusal(entry: HealthEntry | undefined): boolean {
  return (
    entry?.observation.health === "unhealthy" &&
    (entry.message.received === 404 || entry.message.received === 401)
  );
}
