import { isAddressLiteral } from "../../../health/probe-plan.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Origin } from "../../../model/source.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets, HealthEntry, Service } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { moreTellingThan } from "../families.ts";
import { byProbe, firstEntry, reportEvidence } from "./answers.ts";
import { type HostRouted, hostFit, hostRoutedServers, servedHost, serviceName } from "./host-routed.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly asked: readonly HostRouted[];
  readonly host: { readonly value: string | undefined; readonly because: Origin };
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "probe-host",
  title: "Probe asks for a host name the backend does not serve",
  layer: "http",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "wiring", "plans", "services", "health"],
  explainedBy: [...moreTellingThan("probe-host"), "tls-name-probe", "tls-ip-no-sni"],
  about: `The probe sends a Host header that is not bound at the service behind the pool: an address, another application's
name, or a custom domain that was never added there. Services that choose the application by host name answer 404, 421 or
a redirect to their front page, and the server is marked down although the application runs. The host may stand in the
probe itself or in the backend setting the probe takes it from.`,
  find: (facets) => {
    const { gateway, wiring, plans, services, health } = facets;
    const asked = hostRoutedServers(wiring, services).filter(({ server }) => {
      const { kind, host } = plans.probe(server);
      const addressByDefault = kind === "default" && isAddressLiteral(host.value ?? "");
      return host.value !== undefined && !host.rejected && !addressByDefault;
    });
    const unfit = new Map(
      asked
        .filter((one) => hostFit(one, plans.probe(one.server).host.value) === "unfit")
        .map((one) => [one.server, one]),
    );
    const found = byProbe([...unfit.keys()]).flatMap(
      ({ key, probe, settings, servers }): Decision<Match>[] => {
        const own = servers.flatMap((server) => unfit.get(server) ?? []);
        const [first] = own;
        if (first === undefined) return [];
        const { host } = plans.probe(first.server);
        return [
          {
            is: "found",
            key,
            match: { gateway, probe, settings, asked: own, host, entry: firstEntry(health, servers) },
            affects: { servers },
            effect: "stops-probes",
            basis: "configuration",
          },
        ];
      },
    );
    return [...found, ...openHosts(asked, facets)];
  },
  say: ({ probe, settings, asked, host, entry }, affects): Statement => {
    const [first] = asked;
    const service = first === undefined ? "the service" : serviceName(first.service);
    return {
      summary: `${probe === undefined ? `The default probe of setting ${settings[0]?.name ?? "?"}` : `Probe ${probe.name}`} asks ${serverNames(serversOf(affects))} (${service}) for host ${host.value}, which is not bound there`,
      subjects:
        probe?.host !== undefined
          ? [probeSubject(probe)]
          : [
              ...settings.slice(0, 1).map(settingSubject),
              ...(probe === undefined ? [] : [probeSubject(probe)]),
            ],
      evidence: [
        evidence(`the probe's Host header is ${host.value}`, host.because),
        ...boundEvidence(first?.service),
        ...reportEvidence(entry),
      ],
    };
  },
  fix: ({ gateway, probe, settings, asked, host }): FixProposal | undefined => {
    const names = new Set(asked.map(servedHost));
    const [name] = names;
    const [setting] = settings;
    if (name === undefined || names.size > 1 || setting === undefined) return undefined;
    const fromSetting =
      setting.hostName !== undefined && setting.hostName === host.value && probe?.host === undefined;
    if (fromSetting) {
      return {
        summary: `Set the host name of backend setting ${setting.name} to ${name}.`,
        changes: settings.map((one) => setOnSetting(gateway, one, "hostName", name)),
        sideEffects: [`Live requests through ${setting.name} are sent for ${name} too.`],
      };
    }
    if (probe === undefined) return undefined;
    return {
      summary: `Set the host of probe ${probe.name} to ${name}.`,
      changes: changeProbe(gateway, probe, settings, {
        host: name,
        ...(probe.pickHostNameFromBackendHttpSettings ? { pickHostNameFromBackendHttpSettings: false } : {}),
      }),
      sideEffects: [],
    };
  },
});

/** A custom domain at a site that was not exported: bound or not, nobody can tell, unless the probe succeeds. */
function openHosts(
  asked: readonly HostRouted[],
  { plans, health }: Pick<Facets, "plans" | "health">,
): Decision<never>[] {
  const unclear = asked.filter((one) => {
    const entry = health.of(one.server);
    if (entry?.observation.health === "healthy") return false;
    return hostFit(one, plans.probe(one.server).host.value) === "unknown";
  });
  const byKind = Map.groupBy(unclear, ({ service }) => service.kind);
  return [...byKind].map(([kind, items]): Decision<never> => {
    const hosts = [...new Set(items.map(({ server }) => plans.probe(server).host.value))];
    return {
      is: "undecided",
      needs: {
        what: `whether ${hosts.slice(0, 3).join(", ")} is bound at the backend`,
        command: exportCommand(types[kind] ?? "microsoft.web/sites"),
      },
      affects: { servers: items.map(({ server }) => server) },
    };
  });
}

const types: Partial<Record<Service["kind"], string>> = {
  "app-service": "microsoft.web/sites",
  "api-management": "microsoft.apimanagement/service",
  "container-apps": "microsoft.app/containerapps",
  storage: "microsoft.storage/storageaccounts",
  "front-door": "microsoft.cdn/profiles",
};

function boundEvidence(service: Service | undefined) {
  if (service?.kind === "app-service" && service.site !== undefined) {
    const { site } = service;
    return [
      evidence(
        `site ${site.name} serves ${site.hostNames.slice(0, 5).join(", ")}`,
        site.source.at("hostNames"),
      ),
    ];
  }
  if (service?.kind === "api-management" && service.service !== undefined) {
    const { service: apim } = service;
    return [evidence(`${apim.name} serves ${apim.hostNames.slice(0, 5).join(", ")}`, apim.source)];
  }
  return [];
}
