import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, probeSubject, settingSubject } from "../../statements.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly probe: Probe;
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "probe-pick-without-host",
  title: "Probe takes its host from a setting that has none",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring"],
  explainedBy: ["gateway-stopped"],
  about: `The probe is told to take its host name from the backend setting, but the setting neither has a \`hostName\` nor takes
one from the backend address. Azure refuses this (\`ApplicationGatewayBackendHttpSettingsIncompatibleProbeSettingPickHostName\`),
so it stands in templates and hand-written files, and the deployment fails. The Azure CLI sets the option by itself when
a probe is made without a host.`,
  find: ({ gateway, wiring }) => {
    const bySetting = Map.groupBy(wiring.pairs, ({ setting }) => setting);
    return [...bySetting].flatMap(([setting, pairs]): Decision<Match>[] => {
      const probe = setting.probe?.target;
      const servers = pairs.flatMap((pair) => pair.servers);
      if (probe === undefined || servers.length === 0 || !takesNothing(probe, setting)) return [];
      return [
        {
          is: "found",
          key: `${setting.name}/${probe.name}`,
          match: { gateway, setting, probe, servers },
          affects: { servers },
          effect: "stops-probes",
          basis: "configuration",
        },
      ];
    });
  },
  say: ({ setting, probe }): Statement => ({
    summary: `Probe ${probe.name} takes its host name from backend setting ${setting.name}, which has none: Azure refuses this`,
    subjects: [settingSubject(setting), probeSubject(probe)],
    evidence: [
      evidence(
        "the probe picks the host name from the setting",
        probe.source.at("pickHostNameFromBackendHttpSettings"),
      ),
      evidence("the setting has no host name", setting.source.at("hostName")),
      evidence(
        "and takes none from the backend address",
        setting.source.at("pickHostNameFromBackendAddress"),
      ),
    ],
  }),
  fix: ({ gateway, setting, probe, servers }): FixProposal => {
    if (servers.every(({ member }) => member.kind === "fqdn")) {
      return {
        summary: `Let backend setting ${setting.name} take the host name from the backend address.`,
        changes: [setOnSetting(gateway, setting, "pickHostNameFromBackendAddress", true)],
        sideEffects: [
          `Live requests through ${setting.name} reach the servers with their own host name: redirects and cookies they make will name it.`,
        ],
      };
    }
    const host = onlyListenerHost(servers) ?? "127.0.0.1";
    return {
      summary: `Give probe ${probe.name} the host ${host} of its own.`,
      changes: changeProbe(gateway, probe, [setting], { pickHostNameFromBackendHttpSettings: false, host }),
      sideEffects: [],
    };
  },
});

function takesNothing(probe: Probe, setting: BackendSetting): boolean {
  return (
    setting.collection === "backendHttpSettingsCollection" &&
    probe.pickHostNameFromBackendHttpSettings &&
    probe.host === undefined &&
    setting.hostName === undefined &&
    !setting.pickHostNameFromBackendAddress
  );
}

/** The host name clients use, when there is one only. */
function onlyListenerHost(servers: readonly Server[]): string | undefined {
  const routes = new Set(servers.flatMap(({ pair }) => pair.routes));
  const hosts = new Set([...routes].flatMap(({ listener }) => listener?.hostNames ?? []));
  const [host] = hosts;
  return hosts.size === 1 && host !== undefined && !/[*?]/.test(host) ? host : undefined;
}
