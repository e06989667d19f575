import { isLayer7, isTls } from "../../../health/exchange.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject, settingSubject } from "../../statements.ts";
import { changeProbe } from "../probe/probe-change.ts";
import { hasNoSession } from "./other-ports.ts";
import { protocolTrial } from "./wrong-protocol.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly setting: BackendSetting;
}

export default defineCause({
  id: "probe-protocol-differs",
  title: "Probe and setting with different protocols",
  layer: "config",
  decidedBy: ["configuration", "live"],
  reads: ["gateway", "wiring", "health"],
  explainedBy: ["protocol-http-to-tls", "protocol-tls-to-http", "gateway-stopped"],
  about: `A probe has to have the protocol of the setting it is attached to. Azure refuses a change that makes them differ, so
it stands in templates and hand-written files; a gateway that did run with it would speak HTTP to a TLS port or the other
way round and mark every server down. Live, the probe is answered once it is asked with the protocol of the setting.`,
  trials: ({ gateway }, failing) => {
    const { plan, server } = failing;
    const { probe, protocol } = server.pair.setting;
    if (plan.purpose !== "probe" || probe?.target === undefined || plan.protocol === protocol) return [];
    if (hasNoSession(failing)) return [];
    if (isTls(protocol) === isTls(plan.protocol) || isLayer7(protocol) !== isLayer7(plan.protocol)) return [];
    return [protocolTrial(gateway, failing, protocol, isTls(protocol) ? "speaks-tls" : "speaks-http")];
  },
  find: ({ gateway, wiring, health }) => {
    const bySetting = Map.groupBy(wiring.pairs, ({ setting }) => setting);
    return [...bySetting].flatMap(([setting, pairs]): Decision<Match>[] => {
      const probe = setting.probe?.target;
      if (probe === undefined || probe.protocol === setting.protocol) return [];
      const servers: Server[] = pairs.flatMap((pair) => pair.servers);
      if (servers.length === 0) return [];
      const connected = servers.filter((server) => {
        const live = health.of(server)?.live;
        return live === undefined || !hasNoSession(live);
      });
      // Where no connection comes about, no protocol is spoken.
      const standing = connected.length > 0;
      return [
        {
          is: "found",
          key: `${setting.name}/${probe.name}`,
          match: { gateway, probe, setting },
          affects: { servers: standing ? connected : servers },
          effect: standing ? "stops-probes" : "threatens",
          basis: "configuration",
        },
      ];
    });
  },
  say: ({ probe, setting }): Statement => ({
    summary: `Probe ${probe.name} speaks ${probe.protocol} while backend setting ${setting.name}, to which it is attached, speaks ${setting.protocol}`,
    subjects: [probeSubject(probe), settingSubject(setting)],
    evidence: [
      evidence(`the probe's protocol is ${probe.protocol}`, probe.source.at("protocol")),
      evidence(`the setting's protocol is ${setting.protocol}`, setting.source.at("protocol")),
    ],
  }),
  fix: ({ gateway, probe, setting }) => ({
    summary: `Set the protocol of probe ${probe.name} to ${setting.protocol}, as its setting ${setting.name} has it.`,
    changes: changeProbe(gateway, probe, [setting], { protocol: setting.protocol }),
    sideEffects: [],
  }),
});
