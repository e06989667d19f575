import type { PrivateDnsZone } from "../../../model/dns.ts";
import type { PrivateEndpoint } from "../../../model/hosts.ts";
import { idKey } from "../../../model/resource.ts";
import { privateLinkName } from "../../../network/private-link-suffixes.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets, Service } from "../../facets.ts";

/** The name a private zone would have to answer: a service's privatelink name, or the name itself. */
export function privateNameOf(name: string, isCoveredItself: boolean): string {
  return isCoveredItself ? name : (privateLinkName(name) ?? name);
}

/** The exported zones that cover a name, or the privatelink name it leads to, the most specific first. */
export function zonesFor(name: string, network: Facets["network"]): readonly PrivateDnsZone[] {
  const names = [name, privateLinkName(name)].flatMap((one) => one ?? []);
  return network.privateDnsZones
    .filter(({ zoneName }) => names.some((one) => covers(zoneName, one)))
    .sort((a, b) => b.zoneName.length - a.zoneName.length);
}

export function covers(zoneName: string, name: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}

/** The record's name inside a zone. */
export function relativeName(zoneName: string, name: string): string {
  return name === zoneName ? "@" : name.slice(0, -zoneName.length - 1);
}

export function hasRecord({ records, zoneName }: PrivateDnsZone, name: string): boolean {
  const relative = relativeName(zoneName, name);
  return records.some((record) => record.name === relative || record.name === "*");
}

/** The address the documents know for a name: its private endpoint's, or that of what it names. */
export function addressFor(
  name: string,
  server: Server | undefined,
  { network, services }: Pick<Facets, "network" | "services">,
): { readonly address: string; readonly endpoint: PrivateEndpoint | undefined } | undefined {
  const service = server === undefined ? undefined : services.of(server);
  const endpoint = endpointFor(name, service, network);
  const written = endpoint?.dnsConfigs.find(({ fqdn }) => isSame(fqdn, name))?.ipAddresses[0];
  const address = written ?? endpoint?.privateIpAddresses[0];
  if (address !== undefined) return { address, endpoint };
  if (service?.kind === "container-apps" && service.environment?.staticIp !== undefined) {
    return { address: service.environment.staticIp, endpoint: undefined };
  }
  if (service?.kind === "api-management" && service.service?.privateIpAddresses[0] !== undefined) {
    return { address: service.service.privateIpAddresses[0], endpoint: undefined };
  }
  return machineNamed(name.split(".")[0] ?? "", network);
}

function endpointFor(
  name: string,
  service: Service | undefined,
  { privateEndpoints }: Facets["network"],
): PrivateEndpoint | undefined {
  const target =
    service?.kind === "app-service"
      ? service.site?.id
      : service?.kind === "api-management"
        ? service.service?.id
        : undefined;
  return privateEndpoints.find(
    ({ dnsConfigs, targetIds }) =>
      dnsConfigs.some(({ fqdn }) => isSame(fqdn, name)) ||
      (target !== undefined && targetIds.some((id) => idKey(id) === idKey(target))),
  );
}

function isSame(fqdn: string, name: string): boolean {
  const written = fqdn.toLowerCase();
  return written === name || privateLinkName(written) === name || written === privateLinkName(name);
}

function machineNamed(label: string, { virtualMachines }: Facets["network"]) {
  const machines = virtualMachines.filter(({ name }) => name.toLowerCase() === label);
  const addresses = machines.flatMap(({ networkInterfaces }) =>
    networkInterfaces.flatMap(
      ({ target }) => target?.ipConfigurations.flatMap((one) => one.privateIpAddress ?? []) ?? [],
    ),
  );
  const [only] = addresses;
  return only === undefined || addresses.length > 1 ? undefined : { address: only, endpoint: undefined };
}
