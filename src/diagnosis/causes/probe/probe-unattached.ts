import { exchangeOfProbe } from "../../../health/exchange.ts";
import { planProbe } from "../../../health/probe-plan.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, partId, probeSubject, settingSubject } from "../../statements.ts";
import { shareWords } from "../config/name-words.ts";
import { firstEntry, refusedWith, reportEvidence } from "./answers.ts";
import { askedWithoutName } from "./default-probe.ts";
import { experimentsByServer, healedProbes, refusedStatus, valueFor } from "./failing-probe.ts";
import { type HostRouted, hostFit, hostRoutedServers } from "./host-routed.ts";
import { attachProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly probe: Probe;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "probe-unattached",
  title: "Fitting probe that is not attached",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: ["gateway-stopped"],
  about: `A custom probe was made but never put on the backend setting, so the servers are probed by the default probe: \`GET /\`
with \`Host: 127.0.0.1\`, where 200–399 counts. A probe that nobody uses does no harm by itself; it is the reason when the
default probe fails and the probe that lies about would ask what the application answers. Creating a probe and attaching
it are two steps in most tools. Live, the probes that lie about are sent to the servers.`,
  find: (facets) => {
    const { gateway, health } = facets;
    const free = freeProbes(gateway);
    if (free.length === 0) return [];
    const healed = experimentsByServer(healedProbes(facets.live, (failing) => trials(facets, failing)));
    return [...Map.groupBy(failingByDefault(facets), ({ pair }) => pair.setting)].flatMap(
      ([setting, servers]): Decision<Match>[] => {
        const wanted = wantedOf(setting, servers, facets);
        const answered = valueFor(servers, healed);
        const fitting = free.filter((probe) =>
          answered === undefined ? fits(probe, wanted) : wordsFor(probe) === answered,
        );
        const [probe] = fitting;
        if (probe === undefined || fitting.length > 1) return [];
        return [
          {
            is: "found",
            key: `${setting.name}/${probe.name}`,
            match: { gateway, setting, probe, entry: firstEntry(health, servers) },
            affects: { servers },
            effect: "stops-probes",
            // Names that are alike decide nothing once the servers themselves can be asked.
            basis: servers.some((server) => health.of(server)?.live) ? "observed-likely" : "configuration",
          },
        ];
      },
    );
  },
  trials,
  say: ({ setting, probe, entry }): Statement => ({
    summary: `Backend setting ${setting.name} has no probe and is probed by default, although probe ${probe.name} was made for it`,
    subjects: [settingSubject(setting), probeSubject(probe)],
    evidence: [
      evidence("no probe is attached: the default probe asks GET /", setting.source.at("probe")),
      evidence(
        `probe ${probe.name} asks for ${probe.path ?? "/"}${probe.host === undefined ? "" : ` of ${probe.host}`}; no setting uses it`,
        probe.source,
      ),
      ...reportEvidence(entry),
    ],
  }),
  fix: ({ gateway, setting, probe }) => ({
    summary: `Attach probe ${probe.name} to backend setting ${setting.name}.`,
    changes: attachProbe(gateway, [setting], partId(gateway, "probes", probe)),
    sideEffects: [],
  }),
});

function freeProbes({ settings, probes }: Gateway): readonly Probe[] {
  const attached = new Set(settings.map(({ probe }) => probe?.target));
  return probes.filter((probe) => !attached.has(probe));
}

const mostProbes = 6;

/** Every free probe for these servers, as it would be sent if it were attached. */
function trials({ gateway, plans }: Pick<Facets, "gateway" | "plans">, failing: Failing): readonly Trial[] {
  const { server, plan } = failing;
  const { setting } = server.pair;
  const status = refusedStatus(failing);
  if (setting.probe !== undefined || status === undefined || !mayBeOfProbe(status)) return [];
  return freeProbes(gateway)
    .filter((probe) => asksSamePort(probe, setting))
    .slice(0, mostProbes)
    .flatMap((probe): Trial[] => {
      const attached = { ...setting, probe: { id: probe.id, source: probe.source, target: probe } };
      const planned = planProbe(gateway.generation, attached, server.address, plans.switches);
      const asked = exchangeOfProbe(gateway.generation, planned);
      if ("notSent" in asked) return [];
      const from = `the default one: ${plan.path} of ${plan.host}`;
      return [
        { what: "probe", from, to: wordsFor(probe), plan: asked, proof: "fine", risk: "safe", costMs: 100 },
      ];
    });
}

function wordsFor({ name, path, host }: Probe): string {
  return `probe ${name}: ${path ?? "/"}${host === undefined ? "" : ` of ${host}`}`;
}

/** What a server says to a probe that asks for the wrong thing. */
function mayBeOfProbe(status: number): boolean {
  return status < 500 || status === 501;
}

function asksSamePort({ protocol, port }: Probe, setting: BackendSetting): boolean {
  return protocol === setting.protocol && (port === undefined || port === setting.port);
}

/** Servers whose default probe is answered with a status it does not take, or certainly would be. */
function failingByDefault(facets: Pick<Facets, "wiring" | "plans" | "services" | "health">): Server[] {
  const refused = refusedWith(facets.health, mayBeOfProbe)
    .map(({ server }) => server)
    .filter(({ pair }) => pair.setting.probe === undefined);
  return [...new Set([...refused, ...askedWithoutName(facets).map(({ server }) => server)])];
}

/** What a probe made for a setting would be recognised by. */
interface Wanted {
  readonly setting: BackendSetting;
  readonly names: readonly string[];
  /** Host names clients use on the way to it. */
  readonly hosts: ReadonlySet<string>;
  /** The services behind it that route by host name. */
  readonly routed: readonly HostRouted[];
}

function wantedOf(
  setting: BackendSetting,
  servers: readonly Server[],
  { wiring, services }: Pick<Facets, "wiring" | "services">,
): Wanted {
  const pairs = [...new Set(servers.map(({ pair }) => pair))];
  const routes = pairs.flatMap((pair) => pair.routes);
  const hosts = routes.flatMap(({ listener }) => listener?.hostNames ?? []);
  const failing = new Set(servers);
  return {
    setting,
    names: [setting.name, ...pairs.map(({ pool }) => pool.name)],
    hosts: new Set(hosts.map((host) => host.toLowerCase())),
    routed: hostRoutedServers(wiring, services).filter(({ server }) => failing.has(server)),
  };
}

/** It asks something else than the default probe, and its host or its name points here. */
function fits(probe: Probe, { setting, names, hosts, routed }: Wanted): boolean {
  if (!asksSamePort(probe, setting)) return false;
  const asksTheSame = (probe.path ?? "/") === "/" && probe.host === undefined;
  if (asksTheSame && probe.match.statusCodes.length === 0) return false;
  if (probe.host !== undefined && routed.length > 0) {
    return routed.every((one) => hostFit(one, probe.host) === "fits");
  }
  if (names.some((name) => shareWords(probe.name, name))) return true;
  return probe.host !== undefined && hosts.has(probe.host.toLowerCase());
}
