import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import { evidence, partId, settingSubject } from "../../statements.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly other: Gateway;
  readonly otherSetting: BackendSetting;
}

export default defineCause({
  id: "affinity-two-gateways",
  title: "Two gateways in a row use the same affinity cookie",
  layer: "http",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring", "hosts"],
  explainedBy: [],
  about: `The servers of a pool are the frontend of another gateway, and both keep clients on a server by a cookie of the same
name. Each overwrites the other's cookie, so that clients bounce between servers and lose their sessions. No 502 by
itself. Give one of the two another cookie name (\`affinityCookieName\`).`,
  find: ({ gateway, wiring, hosts }) =>
    wiring.pairs.flatMap((pair): Decision<Match>[] => {
      if (!pair.setting.cookieBasedAffinity) return [];
      const behind = gatewayBehind(pair, hosts, gateway);
      const otherSetting = behind?.settings.find(
        ({ cookieBasedAffinity, affinityCookieName }) =>
          cookieBasedAffinity && affinityCookieName === pair.setting.affinityCookieName,
      );
      if (behind === undefined || otherSetting === undefined) return [];
      return [
        {
          is: "found",
          key: pair.id,
          match: { gateway, setting: pair.setting, other: behind, otherSetting },
          affects: { pairs: [pair] },
          effect: "threatens",
          basis: "state",
        },
      ];
    }),
  say: ({ setting, other, otherSetting }) => ({
    summary: `Backend setting ${setting.name} and setting ${otherSetting.name} of gateway ${other.name} behind it use the same affinity cookie ${setting.affinityCookieName}`,
    subjects: [settingSubject(setting), settingSubject(otherSetting)],
    evidence: [
      evidence(`the cookie is ${setting.affinityCookieName}`, setting.source.at("affinityCookieName")),
      evidence("and there it is the same", otherSetting.source.at("affinityCookieName")),
    ],
  }),
  fix: ({ gateway, setting }) => ({
    summary: `Give backend setting ${setting.name} an affinity cookie of its own.`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "affinityCookieName",
        value: `${setting.affinityCookieName}-${gateway.name}`,
      },
    ],
    sideEffects: ["Clients lose the server they were kept on, once."],
  }),
});

function gatewayBehind(pair: Pair, hosts: Facets["hosts"], gateway: Gateway): Gateway | undefined {
  for (const server of pair.servers) {
    for (const owner of hosts.of(server)) {
      if (owner.kind === "applicationGateway" && owner.gateway !== gateway) return owner.gateway;
    }
  }
  return undefined;
}
