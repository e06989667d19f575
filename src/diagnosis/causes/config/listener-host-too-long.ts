import type { Listener } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, listenerSubject } from "../../statements.ts";

interface Match {
  readonly listener: Listener;
  readonly names: readonly string[];
}

/** Public reports: 43 letters worked, 51 did not (causes-of-502.md §L, [P]). */
const longestSeenToWork = 50;

export default defineCause({
  id: "listener-host-too-long",
  title: "Listener with a very long host name",
  layer: "config",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "health"],
  explainedBy: [
    "gateway-stopped",
    "gateway-updating",
    "nsg-infra-ports",
    "nsg-lb-denied",
    "route-gw-default-nva",
    "route-bgp-default",
    "vwan-secured-hub",
    "dns-public-unresolvable",
    "crl-blocked",
  ],
  about: `People report that a listener with a host name of some fifty letters or more keeps the instances from reporting:
every server is \`Unknown\` although requests are served, or the gateway stops answering after the change. The vendor
documents no such limit, so this is only a possibility, and one that routes and NSG rules of the gateway subnet have to
be ruled out for first. A shorter name for a trial settles it.`,
  find: ({ gateway, health }): Decision<Match>[] => {
    if (!health.allUnknown) return [];
    return gateway.listeners.flatMap((listener): Decision<Match>[] => {
      const names = listener.hostNames.filter((name) => name.length > longestSeenToWork);
      if (names.length === 0) return [];
      return [
        {
          is: "found",
          key: listener.name,
          match: { listener, names },
          affects: { gateway: true },
          effect: "hides-health",
          basis: "observed-possible",
        },
      ];
    });
  },
  say: ({ listener, names }): Statement => ({
    summary: `Listener ${listener.name} has a host name of ${Math.max(...names.map(({ length }) => length))} letters, and no server of the gateway reports its health`,
    subjects: [listenerSubject(listener)],
    evidence: [evidence(`host name ${listed(names)}`, listener.source.at("hostName"))],
  }),
  fix: ({ listener }) => ({
    summary: `Give listener ${listener.name} a host name of at most 43 letters, for a trial at least.`,
    changes: [],
    sideEffects: ["Clients have to use the new name."],
  }),
});
