import type {
  AzureFirewall,
  IpConfiguration,
  LoadBalancer,
  NetworkInterface,
  PrivateEndpoint,
} from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import type { Subnet, VirtualNetwork } from "../model/network.ts";
import { idKey, type Reference } from "../model/resource.ts";
import { type Address, type AddressValue, parseAddress } from "./addresses.ts";
import { networkIdOf } from "./service-tags.ts";

/** What has a private address, as far as it was exported. */
export interface AddressOwner {
  readonly ipConfiguration: IpConfiguration | undefined;
  readonly privateEndpoint: PrivateEndpoint | undefined;
  readonly loadBalancer: LoadBalancer | undefined;
  readonly firewall: AzureFirewall | undefined;
  /** A platform service stands there, e.g. API Management: no network interface anyone can put a group on. */
  readonly managed: boolean;
}

const nobody: AddressOwner = {
  ipConfiguration: undefined,
  privateEndpoint: undefined,
  loadBalancer: undefined,
  firewall: undefined,
  managed: false,
};

/** The network an owner must lie in, because networks may use the same addresses. */
export interface OwnerPlace {
  readonly subnet: Subnet | undefined;
  readonly virtualNetwork: VirtualNetwork | undefined;
  /** Known even where the network itself was not exported. */
  readonly networkId: string | undefined;
}

/** Every address of the export and what has it, indexed once. */
export class AddressOwners {
  private readonly interfaces = new Map<AddressValue, IpConfiguration | readonly IpConfiguration[]>();
  private readonly publicInterfaces = new Map<AddressValue, IpConfiguration>();
  private readonly endpoints: Several<PrivateEndpoint> = new Map();
  private readonly frontends: Several<LoadBalancer> = new Map();
  private readonly firewalls: Several<AzureFirewall> = new Map();
  private readonly managed = new Set<AddressValue>();

  constructor(network: Network) {
    for (const { ipConfigurations } of network.networkInterfaces) {
      for (const configuration of ipConfigurations) this.addInterface(configuration);
    }
    for (const endpoint of network.privateEndpoints) {
      for (const text of endpoint.privateIpAddresses)
        add(this.endpoints, text, endpoint.subnet?.id, endpoint);
    }
    for (const balancer of network.loadBalancers) {
      for (const { privateIpAddress, subnetId } of balancer.frontends) {
        if (privateIpAddress !== undefined) add(this.frontends, privateIpAddress, subnetId, balancer);
      }
    }
    for (const firewall of network.azureFirewalls) {
      if (firewall.privateIpAddress !== undefined) {
        add(this.firewalls, firewall.privateIpAddress, undefined, firewall);
      }
    }
    const services = [
      ...network.apiManagementServices.flatMap(({ privateIpAddresses }) => privateIpAddresses),
      ...network.containerAppsEnvironments.flatMap(({ staticIp }) => staticIp ?? []),
    ];
    for (const text of services) {
      const address = parseAddress(text);
      if (address !== undefined) this.managed.add(address.value);
    }
  }

  /** The owner of a private address within one network; empty when none was exported. */
  ownerOf({ value }: Address, place: OwnerPlace, known?: IpConfiguration): AddressOwner {
    const ipConfiguration = known ?? this.interfaceAt(value, place);
    const privateEndpoint = pick(this.endpoints.get(value), place);
    const loadBalancer = pick(this.frontends.get(value), place);
    const firewall = pick(this.firewalls.get(value), place);
    const managed = this.managed.has(value);
    if (ipConfiguration === undefined && !privateEndpoint && !loadBalancer && !firewall && !managed) {
      return nobody;
    }
    return { ipConfiguration, privateEndpoint, loadBalancer, firewall, managed };
  }

  /** The IP configuration a public address leads to. */
  behindPublicAddress({ value }: Address): IpConfiguration | undefined {
    return this.publicInterfaces.get(value);
  }

  private addInterface(configuration: IpConfiguration): void {
    const address =
      configuration.privateIpAddress === undefined ? undefined : parseAddress(configuration.privateIpAddress);
    if (address !== undefined) {
      const others = this.interfaces.get(address.value);
      this.interfaces.set(
        address.value,
        others === undefined ? configuration : [...(isList(others) ? others : [others]), configuration],
      );
    }
    const publicText = configuration.publicIpAddress?.target?.ipAddress;
    const publicAddress = publicText === undefined ? undefined : parseAddress(publicText);
    if (publicAddress !== undefined) this.publicInterfaces.set(publicAddress.value, configuration);
  }

  private interfaceAt(value: AddressValue, place: OwnerPlace): IpConfiguration | undefined {
    const found = this.interfaces.get(value);
    if (found === undefined) return undefined;
    if (!isList(found)) return liesIn(found.subnet, place) ? found : undefined;
    const near = found.filter(({ subnet }) => liesIn(subnet, place));
    return near.length === 1 || place.networkId !== undefined ? near[0] : undefined;
  }
}

/** Whether a private endpoint stands behind this interface: Azure lists their interfaces among the others. */
export function isEndpointInterface({ source, virtualMachine }: NetworkInterface): boolean {
  return virtualMachine === undefined && source.referenceId("privateEndpoint") !== undefined;
}

type Several<T> = Map<AddressValue, { readonly subnetId: string | undefined; readonly owner: T }[]>;

function add<T>(map: Several<T>, text: string, subnetId: string | undefined, owner: T): void {
  const address = parseAddress(text);
  if (address === undefined) return;
  const list = map.get(address.value);
  if (list === undefined) map.set(address.value, [{ subnetId, owner }]);
  else list.push({ subnetId, owner });
}

function pick<T>(
  list: readonly { readonly subnetId: string | undefined; readonly owner: T }[] | undefined,
  place: OwnerPlace,
): T | undefined {
  return list?.find(
    ({ subnetId }) =>
      subnetId === undefined || place.networkId === undefined || sameNetwork(subnetId, place.networkId),
  )?.owner;
}

function liesIn(subnet: Reference<Subnet> | undefined, place: OwnerPlace): boolean {
  if (subnet === undefined || place.networkId === undefined) return true;
  if (subnet.target !== undefined && subnet.target === place.subnet) return true;
  return sameNetwork(subnet.id, place.networkId);
}

function sameNetwork(subnetId: string, networkId: string): boolean {
  return idKey(networkIdOf(subnetId)) === idKey(networkId);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
