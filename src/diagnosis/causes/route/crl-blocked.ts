import type { Gateway } from "../../../model/gateway.ts";
import type { Hop, NetworkPath } from "../../../network/path.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { anyPublicAddress, isIsolated } from "../../facets/reach.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, ruleSubject, subject } from "../../statements.ts";
import { unreadableHealth } from "../families.ts";
import { allowRuleAbove } from "../nsg/allow-rule.ts";
import { routeSubject } from "./route-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly blocker: Hop;
}

export default defineCause({
  id: "crl-blocked",
  title: "Gateway cannot fetch certificate revocation lists",
  layer: "nsg",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "reach", "health"],
  explainedBy: [...unreadableHealth, "route-bgp-default", "vwan-secured-hub", "dns-public-unresolvable"],
  about: `The gateway's instances fetch revocation lists and OCSP answers over HTTP (port 80) from public addresses, e.g.
crl.microsoft.com and crl3.digicert.com. When the gateway subnet's outbound rules or routes block that, backend health
can become Unknown although the backends are reached. It is one of several things that hide health; a default route to
an appliance or a denied management port explain it better when they are there.`,
  find: ({ gateway, reach, health }): Decision<Match>[] => {
    if (isIsolated(gateway) || gateway.subnet?.target === undefined) return [];
    // Revocation lists are served from content networks that may be anywhere: only what holds for all counts.
    const paths = anyPublicAddress.map((address) => reach.to(address, 80));
    const blocker = paths.every(({ verdict }) => verdict === "no") ? sharedBlocker(paths) : undefined;
    if (blocker === undefined) return [];
    return [
      {
        is: "found",
        key: gateway.subnet.target.name,
        match: { gateway, blocker },
        affects: { gateway: true },
        effect: health.allUnknown ? "hides-health" : "threatens",
        basis: "configuration",
      },
    ];
  },
  say: ({ gateway, blocker }): Statement => ({
    summary: `Gateway ${gateway.name} cannot reach public addresses on port 80, where certificate revocation lists are, so backend health may be Unknown`,
    subjects: [...blockerSubjects(blocker), gatewaySubject(gateway)],
    evidence: [evidence(blocker.says, blocker.origin ?? gateway.source)],
  }),
  fix: ({ gateway, blocker }): FixProposal | undefined =>
    blocker.kind === "security-group" && blocker.group !== undefined
      ? allowRuleAbove({
          holder: blocker.group,
          rule: blocker.rule,
          direction: "Outbound",
          from: gateway.subnet?.target?.addressPrefixes ?? [],
          to: ["Internet"],
          ports: ["80", "443"],
          protocol: "Tcp",
          purpose: `${gateway.name}-revocation-lists`,
        })
      : undefined,
});

/** The same hop for all, and one of the gateway's own subnet. */
function sharedBlocker(paths: readonly NetworkPath[]): Hop | undefined {
  const [first] = paths;
  const blocker = first?.blocker;
  if (blocker?.kind === "security-group") {
    if (blocker.place !== "gateway-subnet-outbound") return undefined;
    return paths.every(
      (path) => path.blocker?.kind === "security-group" && path.blocker.rule === blocker.rule,
    )
      ? blocker
      : undefined;
  }
  return blocker?.kind === "route" && paths.every((path) => path.blocker?.kind === "route")
    ? blocker
    : undefined;
}

function blockerSubjects(blocker: Hop): Statement["subjects"] {
  if (blocker.kind === "security-group" && blocker.group !== undefined) {
    const own = subject("networkSecurityGroup", blocker.group);
    return blocker.rule === undefined ? [own] : [ruleSubject(blocker.group, blocker.rule), own];
  }
  return blocker.kind === "route" && blocker.table !== undefined && blocker.route !== undefined
    ? [routeSubject(blocker.table, blocker.route)]
    : [];
}
