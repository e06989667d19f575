import type { Change } from "../../../model/change.ts";
import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal } from "../../finding.ts";
import { evidence, groupedBy, listed, partId, settingSubject } from "../../statements.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
}

export default defineCause({
  id: "tls-root-on-http",
  title: "Trusted root attached to a setting without TLS",
  layer: "tls",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring"],
  explainedBy: [],
  about: `The backend setting speaks plain HTTP and yet has trusted root certificates. Azure refuses such a gateway
(\`ApplicationGatewayBackendHttpSettingsCannotHaveTrustedRootCertificate\`), so that a deployment of this document fails and
the gateway stays as it was before. Either the setting was meant to be Https, or the roots do not belong there.`,
  find: ({ gateway, wiring }) =>
    groupedBy(
      wiring.pairs.filter(
        ({ setting }) => setting.protocol === "Http" && setting.trustedRootCertificates.length > 0,
      ),
      ({ setting }) => setting.name,
    ).map(([key, pairs]): Decision<Match> => {
      const [{ setting }] = pairs as [Pair];
      return {
        is: "found",
        key,
        match: { gateway, setting },
        affects: { pairs },
        // What runs now was accepted: nothing fails until somebody deploys this.
        effect: "threatens",
        basis: "state",
      };
    }),
  say: ({ setting }) => ({
    summary: `Backend setting ${setting.name} speaks Http and has trusted root ${rootNames(setting)} attached, which Azure refuses`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence("the protocol is Http", setting.source.at("protocol")),
      evidence(`attached: ${rootNames(setting)}`, setting.source.at("trustedRootCertificates")),
    ],
  }),
  fix: ({ gateway, setting }): FixProposal => {
    const resourceId = partId(gateway, setting.collection, setting);
    if (!isTlsPort(setting.port)) {
      return {
        summary: `Detach ${rootNames(setting)} from backend setting ${setting.name}.`,
        changes: [{ action: "set", resourceId, path: "trustedRootCertificates", value: [] }],
        sideEffects: [],
      };
    }
    const probe = setting.probe?.target;
    const probeChange: Change[] =
      probe?.protocol === "Http"
        ? [{ action: "set", resourceId: partId(gateway, "probes", probe), path: "protocol", value: "Https" }]
        : [];
    return {
      summary: `Let backend setting ${setting.name}${probeChange.length > 0 ? " and its probe" : ""} speak Https on port ${setting.port}.`,
      changes: [{ action: "set", resourceId, path: "protocol", value: "Https" }, ...probeChange],
      sideEffects: [`Servers reached through ${setting.name} must speak TLS on port ${setting.port}.`],
    };
  },
});

function rootNames({ trustedRootCertificates }: BackendSetting): string {
  return listed(trustedRootCertificates.map(({ target, id }) => target?.name ?? id));
}

function isTlsPort(port: number | undefined): boolean {
  return port !== undefined && [443, 8443, 9443].includes(port);
}
