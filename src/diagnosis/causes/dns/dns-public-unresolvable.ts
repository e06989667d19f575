import type { Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed, subject } from "../../statements.ts";
import { unreadableHealth } from "../families.ts";
import { lookUp } from "./public-fallback.ts";
import { customServers, type DnsPath, dnsPaths } from "./servers.ts";

interface Match {
  readonly gateway: Gateway;
  readonly paths: readonly DnsPath[];
}

export default defineCause({
  id: "dns-public-unresolvable",
  title: "Custom DNS servers give the gateway no public names",
  layer: "dns",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "names", "reach", "health"],
  explainedBy: unreadableHealth,
  about: `Even where all servers are given by address, the gateway has to resolve public names: for revocation lists and OCSP, and
for its own management. When the custom DNS servers of the network cannot be reached or do not forward public names,
backend health becomes Unknown while requests may go on. Where names of backends are affected, too, other causes say it
better.`,
  find: (facets): Decision<Match>[] => {
    const { gateway, names, health } = facets;
    const servers = customServers(facets);
    if (servers.length === 0 || names.asked.some(({ answer }) => answer.answeredBy === "custom-servers"))
      return [];
    const readable = health.entries.some(({ observation }) => observation.health !== "unknown");
    const paths = dnsPaths(facets);
    const cut = paths.every(({ path }) => path.verdict === "no");
    if (!cut) {
      // Only Unknown health makes it worth asking.
      if (readable || !health.allUnknown) return [];
      const needs = lookUp("crl.microsoft.com", gateway, servers[0]);
      return [{ is: "undecided", needs, affects: { gateway: true } }];
    }
    return [
      {
        is: "found",
        key: servers.join("+"),
        match: { gateway, paths },
        affects: { gateway: true },
        effect: health.allUnknown ? "hides-health" : "threatens",
        basis: "configuration",
      },
    ];
  },
  say: ({ gateway, paths }): Statement => ({
    summary: `Gateway ${gateway.name} cannot reach its DNS servers ${listed(paths.map(({ server }) => server))}, so it resolves no public names and its backend health may be Unknown`,
    subjects: [
      ...(gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)]),
      gatewaySubject(gateway),
    ],
    evidence: paths.flatMap(({ server, path: { blocker } }) =>
      blocker?.origin === undefined ? [] : [evidence(`to ${server}: ${blocker.says}`, blocker.origin)],
    ),
  }),
  fix: ({ paths }) => ({
    summary: `Open the way from the gateway subnet to port 53 (UDP and TCP) of ${listed(paths.map(({ server }) => server))}, and let them forward public names.`,
    changes: [],
    sideEffects: [],
  }),
});
