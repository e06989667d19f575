import type { VirtualNetwork } from "../../../model/network.ts";
import type { NetworkPath, PeeringHop } from "../../../network/path.ts";
import { peeringBack } from "../../../network/peerings.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, groupedBy, serverNames, subject } from "../../statements.ts";
import { dnsPaths } from "../dns/servers.ts";
import { unsettledAt } from "../open-paths.ts";
import { waysOf } from "../ways.ts";
import { peeringOf } from "./hops.ts";
import { repairPeering, sidesOf } from "./peering-change.ts";

interface Match {
  readonly hop: PeeringHop;
  readonly servers: readonly Server[];
  /** Both networks; the one that holds the peering at fault first. */
  readonly owner: VirtualNetwork;
  readonly other: VirtualNetwork | undefined;
}

const missingTypes: ReadonlySet<string> = new Set(["microsoft.network/virtualnetworks"]);

export default defineCause({
  id: "peering-broken",
  title: "Peering between the networks is not in effect",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "names", "health", "network"],
  explainedBy: [],
  about: `The servers live in another virtual network, and the peering to it does not carry the traffic: one side is missing or
Disconnected, virtual network access is switched off, or an address range added later was never synchronised. Both sides
have to be Connected and in sync. All servers of that network are then silent at once, with every security rule and
route looking right.`,
  find: (facets) => {
    const { blocked, unclear } = facets.reach;
    const stopped = [...waysOf(blocked), ...waysOf(unclear)].flatMap(({ servers, path }) => {
      const hop = peeringOf(path);
      return hop?.peering !== undefined && isFault(hop) ? [{ servers, hop }] : [];
    });
    const found = groupedBy(stopped, ({ hop }) => `${hop.peering?.id} ${hop.reason}`).map(
      ([, items]): Decision<Match> => {
        const [{ hop }] = items as [(typeof items)[0]];
        const servers = [...items.flatMap((item) => item.servers), ...askedOver(hop, facets)];
        const { owner, other } = sidesOf(hop, facets.network);
        return {
          is: "found",
          key: `${owner.name}/${hop.peering?.name}`,
          match: { hop, servers, owner, other },
          affects: { servers },
          effect: "stops",
          basis: hop.verdict === "no" ? "configuration" : "observed-likely",
        };
      },
    );
    return [...found, ...unsettledAt(facets, isOpen, missingTypes)];
  },
  say: ({ hop, servers, owner, other }, affects): Statement => ({
    summary: `Peering ${hop.peering?.name} of ${owner.name}${other === undefined ? "" : ` with ${other.name}`} ${
      reasonText[hop.reason ?? "not-connected"]
    }, so ${serverNames(affects.servers ?? servers)} cannot be reached`,
    subjects: [
      ...(hop.peering === undefined ? [] : [subject("virtualNetworkPeering", hop.peering)]),
      subject("virtualNetwork", owner),
    ],
    evidence: [
      evidence(hop.says, hop.origin ?? hop.peering?.source ?? owner.source),
      ...otherSide(owner, other),
    ],
  }),
  fix: ({ hop, owner, other }) => repairPeering(hop, owner, other),
});

const reasonText: Readonly<Record<NonNullable<PeeringHop["reason"]>, string>> = {
  "not-connected": "is not Connected",
  "access-not-allowed": "does not allow virtual network access",
  "prefix-not-synced": "is not in sync with the address space",
  "other-side-missing": "has no counterpart on the other side",
  "forwarded-traffic-not-allowed": "does not take forwarded traffic",
};

function isOpen(path: NetworkPath): boolean {
  const hop = peeringOf(path);
  return hop?.verdict === "unknown" && hop.reason === undefined;
}

/**
 * Without access the tag VirtualNetwork leaves the other side out. Where no rule decides by address, what is left is
 * whether Internet takes in the private addresses: Azure's own words are that such traffic is blocked.
 */
function isFault({ verdict, reason }: PeeringHop): boolean {
  return verdict === "no" || (verdict === "unknown" && reason === "access-not-allowed");
}

/** Servers whose name cannot be asked for because the DNS servers stand behind the same peering. */
function askedOver(hop: PeeringHop, facets: Pick<Facets, "gateway" | "names" | "reach">): readonly Server[] {
  const cut = facets.names.asked.filter(({ answer }) => answer.reason === "servers-unreachable");
  if (cut.length === 0) return [];
  const behind = dnsPaths(facets).some(({ path }) => peeringOf(path)?.peering === hop.peering);
  return behind ? cut.flatMap(({ servers }) => servers) : [];
}

function otherSide(owner: VirtualNetwork, other: VirtualNetwork | undefined) {
  const back = other && peeringBack(other, owner);
  if (other === undefined) return [];
  return back === undefined
    ? [
        evidence(
          `${other.name} has no peering back to ${owner.name}`,
          other.source.at("virtualNetworkPeerings"),
        ),
      ]
    : [evidence(`the other side, ${back.name}, is ${back.peeringState ?? "of unknown state"}`, back.source)];
}
