import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry, Service } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, partId, serverNames, settingSubject } from "../../statements.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly service: Service;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "probe-default-host",
  title: "Default probe asks a host-routed backend for 127.0.0.1",
  layer: "http",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "wiring", "plans", "services", "health"],
  explainedBy: ["probe-unattached", "probe-apim"],
  about: `The setting has no probe and names no host, so the gateway probes \`GET /\` with \`Host: 127.0.0.1\`. Backends that
choose the application by host name (App Service, Container Apps, API Management, ingress controllers) do not know that
name and answer 404, 400 or 403, which the default probe takes for unhealthy although the application runs.`,
  find: ({ gateway, wiring, plans, services, health }) =>
    wiring.pairs.flatMap((pair): Decision<Match>[] => {
      const asked = pair.servers.flatMap((server) => {
        const plan = plans.probe(server);
        const service = services.of(server);
        return plan.kind === "default" && plan.host.value === "127.0.0.1" && service !== undefined
          ? [{ server, service }]
          : [];
      });
      return groupedBy(asked, ({ service }) => service.kind).map(([kind, items]) => {
        const servers = items.map(({ server }) => server);
        const entry = servers.map((server) => health.of(server)).find((one) => one !== undefined);
        return {
          is: "found",
          key: `${pair.id}/${kind}`,
          match: {
            gateway,
            setting: pair.setting,
            servers,
            service: (items[0] as (typeof items)[0]).service,
            entry,
          },
          affects: { servers },
          effect: "stops-probes",
          basis: "configuration",
        };
      });
    }),
  say: ({ setting, servers, service, entry }): Statement => ({
    summary: `Backend setting ${setting.name} has no probe and no host name, so ${serverNames(servers)} (${service.kind}) is probed with Host 127.0.0.1, which it does not serve`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(
        "no probe is attached: the default probe asks GET / with Host 127.0.0.1",
        setting.source.at("probe"),
      ),
      evidence(
        "the setting neither has hostName nor takes the host from the backend address",
        setting.source.at("pickHostNameFromBackendAddress"),
      ),
      ...(entry === undefined
        ? []
        : [evidence(`the gateway's own report: ${entry.observation.log}`, entry.observation.source)]),
    ],
  }),
  fix: ({ gateway, setting, servers }): FixProposal | undefined =>
    servers.every(({ member }) => member.kind === "fqdn")
      ? {
          summary: `Let backend setting ${setting.name} take the host name from the backend address.`,
          changes: [
            {
              action: "set",
              resourceId: partId(gateway, setting.collection, setting),
              path: "pickHostNameFromBackendAddress",
              value: true,
            },
          ],
          sideEffects: [
            `Live requests through ${setting.name} reach the backend with its own host name too: redirects and cookies it makes will name that host.`,
          ],
        }
      : undefined,
});
