import type { IpConfiguration } from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import type { Subnet } from "../model/network.ts";
import type { Reference } from "../model/resource.ts";
import { type AddressSet, addressSet } from "./address-sets.ts";
import { type Address, type AddressRange, parseAddress, parseRange, rangeOfAddress } from "./addresses.ts";
import { Flow } from "./flow.ts";
import { NetworkView } from "./network-view.ts";
import type { Destination, NetworkPath } from "./path.ts";
import { networkOf } from "./service-tags.ts";
import type { Missing } from "./verdict.ts";

/** Where the traffic starts: `gateway.subnet` fits as it is. */
export interface GatewaySource {
  readonly id: string;
  /** Undefined when the subnet was not exported: then nothing can be said, and the path says what is missing. */
  readonly target: Subnet | undefined;
  /**
   * Public addresses the gateway has, when known: its connections leave from one of them unless the subnet has a NAT
   * gateway. Otherwise any public address is assumed.
   */
  readonly publicAddresses?: readonly string[];
}

/** Where the traffic goes. */
export interface PathTarget {
  /** IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  /** Default `tcp`. */
  readonly protocol?: "tcp" | "udp";
  /** The IP configuration the pool member joined by, when it did: then the owner is certain. */
  readonly ipConfiguration?: Reference<IpConfiguration> | undefined;
}

/**
 * Finds, from configuration alone, whether the gateway subnet can reach an address and port and get the reply back
 * (network.md §1.6, §2.5). Make one per diagnosis: it owns every index and cache.
 */
export class PathAnalyser {
  readonly network: Network;
  private readonly view: NetworkView;
  private readonly flows = new Map<string, Flow | undefined>();
  private latest: LatestFlow | undefined;

  constructor(network: Network) {
    this.network = network;
    this.view = new NetworkView(network);
  }

  path(from: GatewaySource | undefined, to: PathTarget): NetworkPath {
    if (from === undefined) return openPath([gatewaySubnet]);
    if (from.target === undefined) return openPath([networkOf(from)]);
    const address = parseAddress(to.address);
    if (address === undefined) return openPath([]);
    const { latest } = this;
    const isLatest =
      latest?.from === from &&
      latest.port === to.port &&
      latest.protocol === to.protocol &&
      latest.family === address.family;
    const flow = isLatest ? latest.flow : this.flowOf(from, from.target, to, address);
    if (!isLatest) this.latest = { from, port: to.port, protocol: to.protocol, family: address.family, flow };
    return flow === undefined ? openPath([networkOf(from)]) : flow.path(address, to.ipConfiguration);
  }

  /** Undefined when the subnet has no address of the family, so that no source is known. */
  private flowOf(from: GatewaySource, subnet: Subnet, to: PathTarget, address: Address): Flow | undefined {
    const protocol = to.protocol ?? "tcp";
    const publicAddresses = from.publicAddresses ?? [];
    const key = `${address.family} ${protocol} ${to.port} ${from.id} ${publicAddresses.join()}`;
    if (this.flows.has(key)) return this.flows.get(key);
    const source = instanceAddresses(subnet, address.family);
    const flow =
      source.length === 0
        ? undefined
        : new Flow(
            {
              from: subnet,
              source,
              publicSource: subnet.natGateway ? undefined : setOf(publicAddresses),
              protocol,
              port: to.port,
            },
            this.view,
          );
    this.flows.set(key, flow);
    return flow;
  }
}

/** Pools are asked server by server: the flow of the last question is nearly always that of the next. */
interface LatestFlow {
  readonly from: GatewaySource;
  readonly port: number;
  readonly protocol: PathTarget["protocol"];
  readonly family: Address["family"];
  readonly flow: Flow | undefined;
}

const nowhere: Destination = {
  place: "unknown",
  subnet: undefined,
  virtualNetwork: undefined,
  networkInterface: undefined,
  privateEndpoint: undefined,
};

const gatewaySubnet: Missing = {
  what: "the subnet of the gateway",
  type: "microsoft.network/applicationgateways",
  resourceId: undefined,
};

function openPath(missing: readonly Missing[]): NetworkPath {
  return { verdict: "unknown", hops: [], blocker: undefined, destination: nowhere, missing };
}

function setOf(texts: readonly string[]): AddressSet | undefined {
  const ranges = texts.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [rangeOfAddress(address)];
  });
  return ranges.length === 0 ? undefined : addressSet(ranges);
}

/**
 * Every address an instance can get. Azure keeps the first four and the last address of each IPv4 prefix to itself, so
 * a rule about those says nothing about the gateway.
 */
export function instanceAddresses(subnet: Subnet, family: Address["family"]): AddressSet {
  return addressSet(
    subnet.addressPrefixes.flatMap((text): AddressRange[] => {
      const range = parseRange(text);
      if (range === undefined || range.family !== family) return [];
      if (typeof range.first !== "number" || typeof range.last !== "number") return [range];
      return range.last - range.first < 7
        ? [range]
        : [{ family, first: range.first + 4, last: range.last - 1 }];
    }),
  );
}
