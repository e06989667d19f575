import { isAddressLiteral } from "../../../health/probe-plan.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Origin } from "../../../model/source.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, HealthEntry, Service } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, groupedBy, listed, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { moreTellingThan } from "../families.ts";
import { nameHost } from "../tls/host-fix.ts";
import { byProbe, firstEntry, type ProbeUse, type RefusedAnswer, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes } from "./failing-probe.ts";
import { type HostRouted, hostFit, hostRoutedServers, servedHost, serviceName } from "./host-routed.ts";
import { hostSuspects } from "./host-suspects.ts";
import { hostTrials, isDefaultForAddress } from "./host-trials.ts";
import { openHosts } from "./open-hosts.ts";
import { addProbe, changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly asked: readonly HostRouted[];
  readonly host: { readonly value: string | undefined; readonly because: Origin };
  readonly entry: HealthEntry | undefined;
  /** The host name under which the same probe was answered well. */
  readonly healedBy: string | undefined;
  /** It is the own name of one of several servers that have different ones. */
  readonly ownNames: boolean;
  /** The status for which alone the host is suspected: nobody has asked under another one. */
  readonly suspected?: number;
}

export default defineCause({
  id: "probe-host",
  title: "Probe asks for a host name the backend does not serve",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: [...moreTellingThan("probe-host"), "tls-name-probe", "tls-ip-no-sni"],
  about: `The probe sends a Host header that is not bound at the service behind the pool: an address, another application's
name, or a custom domain that was never added there. Services that choose the application by host name answer 404, 421 or
a redirect to their front page, and the server is marked down although the application runs. The host may stand in the
probe itself or in the backend setting the probe takes it from. Live, the same probe is sent under the names that served
requests, documents, certificates and redirects know.`,
  find: (facets) => {
    const { gateway, wiring, plans, services, health, live } = facets;
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
    const healed = experimentsByServer(healedProbes(live, (failing) => trials(facets, failing)));
    const groups = groupedBy(
      [...new Set([...unfit.keys(), ...healed.keys()])],
      (server) => healed.get(server)?.to ?? "",
    );
    const found = groups.flatMap(([to, servers], index) =>
      byProbe(servers).map(({ key, probe, settings, servers: own }): Decision<Match> => {
        const [first] = own as [Server];
        return {
          is: "found",
          key: index === 0 ? key : `${key}/${to}`,
          match: {
            gateway,
            probe,
            settings,
            asked: own.flatMap((server) => unfit.get(server) ?? []),
            host: plans.probe(first).host,
            entry: firstEntry(health, own),
            healedBy: to === "" ? undefined : to,
            ownNames:
              new Set(own.map(({ address }) => address)).size > 1 &&
              own.some(({ address }) => address === to),
          },
          affects: { servers: own },
          effect: "stops-probes",
          basis: "configuration",
        };
      }),
    );
    const known = new Set([...unfit.keys(), ...healed.keys()]);
    const suspects = hostSuspects(facets).filter(({ server }) => !known.has(server));
    const suspected = byProbe(suspects.map(({ server }) => server)).map((use) =>
      suspicion(use, suspects, facets),
    );
    return [...found, ...suspected, ...openHosts(asked, facets)];
  },
  trials,
  say: ({ probe, settings, asked, host, entry, healedBy, suspected }, affects): Statement => {
    const [first] = asked;
    const who =
      probe === undefined
        ? `The default probe of setting ${settings[0]?.name ?? "?"}`
        : `Probe ${probe.name}`;
    const what = `${who} asks ${serverNames(serversOf(affects))}${first === undefined ? "" : ` (${serviceName(first.service)})`} for host ${host.value}`;
    return {
      summary:
        healedBy !== undefined
          ? `${what}, which is not served there; as ${healedBy} it is answered well`
          : suspected === undefined
            ? `${what}, which is not bound there`
            : `${what}, which answer${serversOf(affects).length === 1 ? "s" : ""} ${suspected}: nothing else names that host`,
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
  fix: ({
    gateway,
    probe,
    settings,
    asked,
    host,
    healedBy,
    ownNames,
    suspected,
  }): FixProposal | undefined => {
    if (suspected !== undefined) {
      return {
        summary: `Let probe ${probe?.name ?? "?"} ask for the host under which the servers answer their clients.`,
        changes: [],
        sideEffects: [],
      };
    }
    const names = new Set(healedBy === undefined ? asked.map(servedHost) : [healedBy]);
    const [name] = names;
    const [setting] = settings;
    if (name === undefined || names.size > 1 || setting === undefined) return undefined;
    if (ownNames) return takeOwnNames(gateway, settings);
    const fromSetting =
      setting.hostName !== undefined && setting.hostName === host.value && probe?.host === undefined;
    if (fromSetting) {
      return {
        summary: `Set the host name of backend setting ${setting.name} to ${name}.`,
        changes: settings.map((one) => setOnSetting(gateway, one, "hostName", name)),
        sideEffects: [`Live requests through ${setting.name} are sent for ${name} too.`],
      };
    }
    if (probe === undefined) {
      if (healedBy === undefined) return undefined;
      return {
        summary: `Attach a probe with host ${name} to backend setting ${setting.name}.`,
        changes: addProbe(gateway, settings, `${setting.name}-probe`, { host: name }),
        sideEffects: [],
      };
    }
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

type Reads = Pick<Facets, "gateway" | "plans" | "health">;

function suspicion(
  { key, probe, settings, servers }: ProbeUse,
  suspects: readonly RefusedAnswer[],
  { gateway, plans, health }: Reads,
): Decision<Match> {
  const [first] = servers as [Server];
  const statuses = suspects.filter(({ server }) => servers.includes(server)).map(({ status }) => status);
  return {
    is: "found",
    key: `${key}/suspected`,
    match: {
      ...{
        gateway,
        probe,
        settings,
        asked: [],
        host: plans.probe(first).host,
        entry: firstEntry(health, servers),
      },
      ...{ healedBy: undefined, ownNames: false, suspected: statuses[0] ?? 0 },
    },
    affects: { servers },
    effect: "stops-probes",
    basis: statuses.every((status) => status === 421) ? "observed-likely" : "observed-possible",
  };
}

/** A custom probe, or a default one that takes a name from its setting; an address by default is another cause's. */
function trials(facets: Pick<Facets, "gateway" | "services" | "live">, failing: Failing): readonly Trial[] {
  return isDefaultForAddress(failing) ? [] : hostTrials(facets, failing);
}

/** Each server answers under its own name, which only the setting can tell a probe. */
function takeOwnNames(gateway: Gateway, settings: readonly BackendSetting[]): FixProposal {
  const names = settings.map((setting) => setting.name);
  return {
    summary: `Let backend setting ${listed(names)} take the host name from the backend address, and its probe with it.`,
    changes: settings.flatMap((setting) => nameHost(gateway, setting, "address")),
    sideEffects: [`Live requests through ${listed(names)} reach each server under its own name too.`],
  };
}

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
