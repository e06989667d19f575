import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { healthExport } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { moreTellingThan } from "../families.ts";
import { byProbe, firstEntry, reportEvidence } from "./answers.ts";
import { type HostRouted, hostFit, hostRoutedServers, servedHost } from "./host-routed.ts";
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
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "wiring", "plans", "services", "health"],
  explainedBy: moreTellingThan("probe-apim"),
  about: `API Management answers 404 for every path that is no API, \`/\` among them, so a default probe, or a custom one for a
path that is no operation, marks it down. For probes it has \`${statusPath}\`, which answers 200 under the gateway's own
host name. Behind an address (internal mode) the probe needs that host name as well, because the service chooses by it.`,
  find: (facets) => {
    const { gateway, wiring, plans, services, health } = facets;
    const asked = new Map<HostRouted["server"], HostRouted>();
    for (const one of hostRoutedServers(wiring, services)) {
      if (one.service.kind !== "api-management") continue;
      const path = plans.probe(one.server).path.value;
      if (path !== undefined && path.split("?")[0] !== statusPath) asked.set(one.server, one);
    }
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
            host: hosts.size === 1 ? host : undefined,
            hostFits: hostFit(first, plan.host.value) === "fits" || named.includes(first.server),
            entry,
          },
          affects: { servers },
          effect: "stops-probes",
          basis: "configuration",
        },
      ];
    });
  },
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

/** A server that only the probe's host name tells to be API Management, refusing what it was asked. */
function isNamedOnly(
  server: Server,
  { plans, services, health }: Pick<Facets, "plans" | "services" | "health">,
): boolean {
  const { host, path } = plans.probe(server);
  return (
    services.of(server) === undefined &&
    /\.azure-api\.(net|us|cn)$/i.test(host.value ?? "") &&
    path.value?.split("?")[0] !== statusPath &&
    isRefusal(health.of(server))
  );
}

function isRefusal(entry: HealthEntry | undefined): boolean {
  return (
    entry?.observation.health === "unhealthy" &&
    (entry.message.received === 404 || entry.message.received === 401)
  );
}
