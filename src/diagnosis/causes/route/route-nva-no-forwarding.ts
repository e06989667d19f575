import type { ApplianceHop, NetworkPath } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Undecided } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, serverNames, subject } from "../../statements.ts";
import { mayBeUnreachable } from "../open-paths.ts";
import { stoppedBy, stoppingAppliance } from "./hops.ts";

interface Match {
  readonly hop: ApplianceHop;
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "route-nva-no-forwarding",
  title: "Appliance on the way does not forward",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["reach", "health"],
  explainedBy: [],
  about: `A route leads through a virtual appliance whose network interface has IP forwarding switched off. Azure then drops
every packet that is not addressed to the appliance itself, so nothing gets through and nothing in the appliance logs
it. The appliance's operating system has to forward as well; that part no export shows.`,
  find: ({ reach, health }) => [
    ...stoppedBy(
      reach.blocked,
      (path) => stoppingAppliance(path, "no-ip-forwarding"),
      ({ networkInterface, address }) => networkInterface?.name ?? address,
    ).map(
      ({ key, hop, servers }): Decision<Match> => ({
        is: "found",
        key,
        match: { hop, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      }),
    ),
    ...unseenAppliances({ reach, health }),
  ],
  say: ({ hop, servers }, affects): Statement => ({
    summary: `Network interface ${hop.networkInterface?.name ?? hop.address} (${hop.address}), through which the way to ${serverNames(affects.servers ?? servers)} leads, has IP forwarding off`,
    subjects: hop.networkInterface === undefined ? [] : [subject("networkInterface", hop.networkInterface)],
    evidence: [
      ...(hop.networkInterface === undefined
        ? []
        : [evidence("IP forwarding is off", hop.networkInterface.source.at("enableIPForwarding"))]),
      ...(hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)]),
    ],
  }),
  fix: ({ hop: { networkInterface } }) =>
    networkInterface === undefined
      ? undefined
      : {
          summary: `Enable IP forwarding on network interface ${networkInterface.name}.`,
          changes: [
            { action: "set", resourceId: networkInterface.id, path: "enableIPForwarding", value: true },
          ],
          sideEffects: [
            "The appliance's operating system has to forward, too; if it does not, packets still end there.",
          ],
        },
});

/** Appliances on the way whose network interface was not exported. */
function unseenAppliances({ reach, health }: Pick<Facets, "reach" | "health">): Undecided[] {
  const unseen = stoppedBy(reach.unclear, unseenAppliance, ({ address }) => address);
  return unseen.flatMap(({ hop, servers }): Undecided[] => {
    const concerned = servers.filter((server) => mayBeUnreachable(health.of(server)));
    if (concerned.length === 0) return [];
    const needs = needOf({
      what: `whether what has the appliance address ${hop.address} forwards`,
      type: "microsoft.network/networkinterfaces",
      resourceId: undefined,
    });
    return [{ is: "undecided", needs, affects: { servers: concerned } }];
  });
}

function unseenAppliance(path: NetworkPath): ApplianceHop | undefined {
  return path.hops.find(
    (hop): hop is ApplianceHop =>
      hop.kind === "appliance" &&
      hop.verdict === "unknown" &&
      hop.networkInterface === undefined &&
      hop.firewall === undefined,
  );
}
