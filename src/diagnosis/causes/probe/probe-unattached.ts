import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, partId, probeSubject, settingSubject } from "../../statements.ts";
import { shareWords } from "../config/name-words.ts";
import { firstEntry, refusedWith, reportEvidence } from "./answers.ts";
import { askedWithoutName } from "./default-probe.ts";
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
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "wiring", "plans", "services", "health"],
  explainedBy: ["gateway-stopped"],
  about: `A custom probe was made but never put on the backend setting, so the servers are probed by the default probe: \`GET /\`
with \`Host: 127.0.0.1\`, where 200–399 counts. A probe that nobody uses does no harm by itself; it is the reason when the
default probe fails and the probe that lies about would ask what the application answers. Creating a probe and attaching
it are two steps in most tools.`,
  find: (facets) => {
    const { gateway, health } = facets;
    const attached = new Set(gateway.settings.map(({ probe }) => probe?.target));
    const free = gateway.probes.filter((probe) => !attached.has(probe));
    if (free.length === 0) return [];
    return [...Map.groupBy(failingByDefault(facets), ({ pair }) => pair.setting)].flatMap(
      ([setting, servers]): Decision<Match>[] => {
        const wanted = wantedOf(setting, servers, facets);
        const fitting = free.filter((probe) => fits(probe, wanted));
        const [probe] = fitting;
        if (probe === undefined || fitting.length > 1) return [];
        return [
          {
            is: "found",
            key: `${setting.name}/${probe.name}`,
            match: { gateway, setting, probe, entry: firstEntry(health, servers) },
            affects: { servers },
            effect: "stops-probes",
            basis: "configuration",
          },
        ];
      },
    );
  },
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

/** Servers whose default probe is answered with a status it does not take, or certainly would be. */
function failingByDefault(facets: Pick<Facets, "wiring" | "plans" | "services" | "health">): Server[] {
  const refused = refusedWith(facets.health, (status) => status < 500 || status === 501)
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
  if (probe.protocol !== setting.protocol) return false;
  if (probe.port !== undefined && probe.port !== setting.port) return false;
  const asksTheSame = (probe.path ?? "/") === "/" && probe.host === undefined;
  if (asksTheSame && probe.match.statusCodes.length === 0) return false;
  if (probe.host !== undefined && routed.length > 0) {
    return routed.every((one) => hostFit(one, probe.host) === "fits");
  }
  if (names.some((name) => shareWords(probe.name, name))) return true;
  return probe.host !== undefined && hosts.has(probe.host.toLowerCase());
}
