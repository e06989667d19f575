import type { EffectiveSecurityGroups, Subnet } from "../model/network.ts";
import type { AddressSet } from "./address-sets.ts";
import type { Address, AddressRange } from "./addresses.ts";
import type { Surroundings } from "./locate.ts";
import type { NetworkView } from "./network-view.ts";
import type { RouteChoice } from "./routes.ts";
import type { RuleCache } from "./rule-cache.ts";
import type { Segments } from "./segments.ts";
import type { GroupSide, ServerEnd } from "./server-side.ts";

/** The traffic all servers of one flow get: from one gateway subnet, to one port. */
export interface Traffic {
  readonly from: Subnet;
  /** Every address an instance of the gateway can have, of one family. */
  readonly source: AddressSet;
  /** What servers behind public addresses see; undefined when not known. */
  readonly publicSource: AddressSet | undefined;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** Everything that decides about one server, found by look-ups alone. Equal facts make equal paths. */
export interface PathFacts {
  readonly end: ServerEnd;
  readonly outbound: GroupSide;
  readonly forward: RouteChoice;
  /** The appliance the request goes through, whose address the server may see instead of the gateway's. */
  readonly applianceAddress: Address | undefined;
  /** Undefined when it is not certain that the packet gets as far as a known network. */
  readonly server: ServerFacts | undefined;
  /** The addresses for which all of this holds. */
  readonly range: AddressRange;
}

export interface ServerFacts {
  readonly subnet: GroupSide;
  readonly networkInterface: GroupSide;
  /** What Azure itself says it applies at the interface; preferred to the two above. */
  readonly effective: EffectiveSecurityGroups | undefined;
  readonly effectiveRoutes: Segments<RouteChoice> | undefined;
}

/** What a path is put together with. */
export interface FlowContext {
  readonly traffic: Traffic;
  readonly view: NetworkView;
  readonly surroundings: Surroundings;
  readonly rules: RuleCache;
  /** The source the server sees when the appliance puts in its own address. */
  applianceSource(appliance: Address | undefined): AddressSet | undefined;
}

/** The facts of a class of servers with what every hop needs to say about them. */
export interface Composition extends PathFacts {
  readonly flow: FlowContext;
  /** e.g. `10.1.0.0/24` */
  readonly destination: string;
  /** e.g. `tcp 10.0.1.0/24 → 10.1.0.0/24:8080` */
  readonly label: string;
}
