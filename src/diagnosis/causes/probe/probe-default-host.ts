import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Origin } from "../../../model/source.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, HealthEntry, Services } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, groupedBy, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { moreTellingThan } from "../families.ts";
import { firstEntry, reportEvidence } from "./answers.ts";
import { askedWithoutName, bySettingAndKind } from "./default-probe.ts";
import { experimentsByServer, healedProbes } from "./failing-probe.ts";
import { type HostRouted, servedHost, serviceName } from "./host-routed.ts";
import { hostTrials, isDefaultForAddress } from "./host-trials.ts";
import { addProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly asked: readonly HostRouted[];
  /** The Host header of the probe, and the field that decides it. */
  readonly host: { readonly value: string | undefined; readonly because: Origin };
  readonly entry: HealthEntry | undefined;
  /** Every member the setting is used with has a name of its own, so that picking it cannot send an address. */
  readonly named: boolean;
  /** The host names clients ask for are bound at the service too: requests may keep them. */
  readonly clientsFit: boolean;
  /** The host name under which the same probe was answered well. */
  readonly healedBy: string | undefined;
  /** It is the own name of one of several servers that have different ones. */
  readonly ownNames: boolean;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "services" | "health" | "live">;

export default defineCause({
  id: "probe-default-host",
  title: "Default probe asks a host-routed backend for an address",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: moreTellingThan("probe-default-host"),
  about: `The setting has no probe and names no host, so the gateway probes \`GET /\` with \`Host: 127.0.0.1\`. Backends that
choose the application by host name (App Service, Container Apps, storage, ingress controllers) do not know that
name and answer 404, 400 or 403, which the default probe takes for unhealthy although the application runs. The same
happens when the host is picked from a backend address that is an IP. Whether the default probe takes over a host name
of the setting is a switch, because the vendor's articles disagree. Live, the same probe is sent under the names that the
documents, the certificate and served requests know: the one that is answered well is the one that was missing.`,
  find: (facets) => {
    const asked = askedWithoutName(facets);
    return [...byConfiguration(asked, facets), ...byExperiment(asked, facets)];
  },
  trials,
  say: ({ setting, asked, host, entry, healedBy }, affects): Statement => {
    const [first] = asked;
    const serves = healedBy === undefined ? "a name it does not serve" : `and is served well as ${healedBy}`;
    return {
      summary: `Backend setting ${setting.name} has no probe, so ${serverNames(serversOf(affects))}${first === undefined ? "" : ` (${serviceName(first.service)})`} is probed with Host ${host.value}, ${serves}`,
      subjects: [settingSubject(setting)],
      evidence: [
        evidence("no probe is attached: the default probe asks GET /", setting.source.at("probe")),
        evidence(`its Host header is ${host.value}`, host.because),
        ...reportEvidence(entry),
      ],
    };
  },
  fix: ({ gateway, setting, asked, named, clientsFit, healedBy, ownNames }): FixProposal | undefined => {
    if (asked.length === 0 && healedBy !== undefined && !ownNames && setting.pickHostNameFromBackendAddress) {
      return hostForBoth(gateway, setting, healedBy, "/");
    }
    if (asked.length === 0 && healedBy !== undefined && !ownNames && healedBy !== setting.hostName) {
      return {
        summary: `Attach a probe with host ${healedBy} to backend setting ${setting.name}.`,
        changes: addProbe(gateway, [setting], `${setting.name}-probe`, { host: healedBy }),
        sideEffects: [],
      };
    }
    if (setting.hostName !== undefined) {
      return {
        summary: `Attach a probe that takes the host name of backend setting ${setting.name}.`,
        changes: addProbe(gateway, [setting], `${setting.name}-probe`, {
          pickHostNameFromBackendHttpSettings: true,
        }),
        sideEffects: [],
      };
    }
    if (named) {
      return {
        summary: `Let backend setting ${setting.name} take the host name from the backend address.`,
        changes: [setOnSetting(gateway, setting, "pickHostNameFromBackendAddress", true)],
        sideEffects: [
          `Live requests through ${setting.name} reach the backend with its own host name too: redirects and cookies it makes will name that host.`,
        ],
      };
    }
    return probeWithHost(gateway, setting, asked, clientsFit);
  },
});

function trials(facets: Pick<Facets, "gateway" | "services" | "live">, failing: Failing): readonly Trial[] {
  return isDefaultForAddress(failing) ? hostTrials(facets, failing) : [];
}

function byConfiguration(services: readonly HostRouted[], facets: Reads): Decision<Match>[] {
  return bySettingAndKind(services).map(([setting, asked]): Decision<Match> => {
    const servers = asked.map(({ server }) => server);
    const [first] = asked as [HostRouted];
    const found = matchOf(setting, servers, facets);
    const clientsFit = asked.every((one) => servesItsClients(one, facets.services));
    return {
      ...found,
      key: `${setting.name}/${first.service.kind}`,
      match: { ...found.match, asked, clientsFit },
    };
  });
}

/** Servers of which no document tells that they choose by the host name, but whose answer changed with it. */
function byExperiment(services: readonly HostRouted[], facets: Reads): Decision<Match>[] {
  const told = new Set(services.map(({ server }) => server));
  const healed = experimentsByServer(healedProbes(facets.live, (failing) => trials(facets, failing)));
  const servers = [...healed.keys()].filter((server) => !told.has(server));
  const groups = groupedBy(servers, (one) => `${one.pair.setting.name}/${healed.get(one)?.to}`);
  return groups.map(([key, own]): Decision<Match> => {
    const [first] = own as [Server];
    const found = matchOf(first.pair.setting, own, facets);
    const to = healed.get(first)?.to;
    const ownNames =
      new Set(own.map(({ address }) => address)).size > 1 && own.some(({ address }) => address === to);
    return { ...found, key, match: { ...found.match, healedBy: to, ownNames } };
  });
}

function matchOf(setting: BackendSetting, servers: readonly Server[], facets: Reads): Found<Match> {
  const [first] = servers as [Server];
  const match: Match = {
    gateway: facets.gateway,
    setting,
    asked: [],
    host: facets.plans.probe(first).host,
    entry: firstEntry(facets.health, servers),
    named: facets.wiring.pairs.every(
      (pair) => pair.setting !== setting || pair.servers.every(({ member }) => member.kind === "fqdn"),
    ),
    clientsFit: false,
    healedBy: undefined,
    ownNames: false,
  };
  return {
    is: "found",
    key: setting.name,
    match,
    affects: { servers },
    effect: "stops-probes",
    basis: "configuration",
  };
}

function servesItsClients({ server, service }: HostRouted, services: Services): boolean {
  if (service.kind !== "app-service" || service.site === undefined) return false;
  const hosts = server.pair.routes.map(({ listener }) => listener?.hostNames ?? []);
  return hosts.every(
    (names) => names.length > 0 && names.every((name) => services.siteWithHost(name) === service.site),
  );
}

/**
 * For members that are addresses: the name has to come from the service itself. Where it does not serve the clients'
 * names either, requests need it as much as the probe.
 */
function probeWithHost(
  gateway: Gateway,
  setting: BackendSetting,
  asked: readonly HostRouted[],
  clientsFit: boolean,
): FixProposal | undefined {
  const hosts = new Set(asked.map(servedHost));
  const [host] = hosts;
  if (host === undefined || hosts.size > 1) return undefined;
  const service = asked[0]?.service;
  const path = (service?.kind === "app-service" ? service.site?.healthCheckPath : undefined) ?? "/";
  if (clientsFit) {
    return {
      summary: `Attach a probe with host ${host} and path ${path} to backend setting ${setting.name}.`,
      changes: addProbe(gateway, [setting], `${setting.name}-probe`, { host, path }),
      sideEffects: ["Live requests keep the host name they have, which the backend knows too."],
    };
  }
  return hostForBoth(gateway, setting, host, path);
}

/** Requests need the name as much as the probe: the setting gets it, and the probe takes it from there. */
function hostForBoth(gateway: Gateway, setting: BackendSetting, host: string, path: string): FixProposal {
  return {
    summary: `Give backend setting ${setting.name} the host name ${host}, and a probe with path ${path} that takes it over.`,
    changes: [
      setOnSetting(gateway, setting, "hostName", host),
      ...addProbe(gateway, [setting], `${setting.name}-probe`, {
        pickHostNameFromBackendHttpSettings: true,
        path,
      }),
      ...(setting.pickHostNameFromBackendAddress
        ? [setOnSetting(gateway, setting, "pickHostNameFromBackendAddress", false)]
        : []),
    ],
    sideEffects: [
      `Live requests through ${setting.name} reach the backend as ${host} too: redirects and cookies it makes will name that host.`,
    ],
  };
}
