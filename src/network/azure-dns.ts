import type { PrivateDnsZone } from "../model/dns.ts";
import type { Network } from "../model/model.ts";
import type { NameAnswer, NameReason } from "./names.ts";
import { privateLinkName } from "./private-link-suffixes.ts";
import { PrivateNames } from "./private-names.ts";
import { PrivateZones, recordsFor, zoneLink } from "./private-zones.ts";
import type { Missing, Statement } from "./verdict.ts";

/** More aliases in a row than any resolver follows. */
const maxAliases = 16;

/**
 * What 168.63.129.16 answers inside one network: the private zones linked there, otherwise public DNS (network.md §3).
 */
export class AzureDns {
  private readonly zones: PrivateZones;
  private readonly privateNames: PrivateNames;
  private readonly publicAddresses: ReadonlyMap<string, string>;
  private readonly zonesListed: boolean;

  constructor(network: Network) {
    this.zones = new PrivateZones(network.privateDnsZones);
    this.privateNames = new PrivateNames(network);
    this.publicAddresses = new Map(
      network.publicIpAddresses.flatMap(({ fqdn, ipAddress }): [string, string][] =>
        fqdn === undefined || ipAddress === undefined ? [] : [[fqdn.toLowerCase(), ipAddress]],
      ),
    );
    this.zonesListed = network.listedTypes.has("microsoft.network/privatednszones");
  }

  /** Whether the export gives any sign that a name is answered from a private zone. */
  isPrivate(name: string): boolean {
    const alias = privateLinkName(name);
    return (
      this.zones.covering(name).length > 0 ||
      this.privateNames.isPrivateOnly(name) ||
      this.privateNames.endpointOf(name) !== undefined ||
      (alias !== undefined && this.hasRecord(alias))
    );
  }

  answer(asked: string, networkId: string): NameAnswer {
    const steps: Statement[] = [];
    let name = asked;
    let expectsZone = false;
    for (let i = 0; i < maxAliases; i++) {
      const found = this.askZones(name, networkId, steps);
      if (found.kind === "alias") {
        name = found.name;
        expectsZone = false;
        continue;
      }
      if (found.kind === "answer") return { name: asked, steps, ...found.answer };
      const alias = this.publicAlias(name, steps);
      if (alias === undefined)
        return { name: asked, steps, ...this.askPublic(name, expectsZone, networkId, steps) };
      name = alias;
      expectsZone = true;
    }
    steps.push({ says: `more than ${maxAliases} aliases lead on from ${asked}`, origin: undefined });
    return { name: asked, steps, ...unknown("azure-dns", undefined) };
  }

  /** The most specific zone linked to the network answers alone, even when it has no such record. */
  private askZones(name: string, networkId: string, steps: Statement[]): ZoneAnswer {
    for (const zone of this.zones.covering(name)) {
      const { verdict, link } = zoneLink(zone, networkId);
      if (verdict === "no") continue;
      if (verdict === "unknown") {
        steps.push({
          says: `whether private zone ${zone.zoneName} is linked to the network is not known`,
          origin: zone.source,
        });
        return { kind: "answer", answer: unknown("azure-dns", undefined, [linksOf(zone)]) };
      }
      const records = recordsFor(zone, name);
      if (records === undefined) {
        steps.push({
          says: `private zone ${zone.zoneName} answers for ${name}; its records were not exported`,
          origin: zone.source,
        });
        return { kind: "answer", answer: unknown("private-zone", undefined, [recordsOf(zone)]) };
      }
      if (records.length > 0) return answerFrom(zone, name, records, steps);
      if (/^nxdomainredirect$/i.test(link?.resolutionPolicy ?? "")) {
        steps.push({
          says: `private zone ${zone.zoneName} has no record for ${name}, and its link falls back to public DNS`,
          origin: link?.source,
        });
        return { kind: "public" };
      }
      steps.push({
        says: `private zone ${zone.zoneName} is linked to the network and has no record for ${name}`,
        origin: zone.source,
      });
      return { kind: "answer", answer: failed("private-zone", "zone-has-no-record") };
    }
    return { kind: "public" };
  }

  /** Public DNS leads a service's name on to its privatelink name once the service has a private endpoint. */
  private publicAlias(name: string, steps: Statement[]): string | undefined {
    const alias = privateLinkName(name);
    if (alias === undefined) return undefined;
    const endpoint = this.privateNames.endpointOf(name);
    if (endpoint === undefined && !this.hasRecord(alias)) return undefined;
    const says =
      endpoint === undefined
        ? `a private zone has ${alias}, so public DNS leads ${name} there`
        : `${name} has private endpoint ${endpoint.name}, so public DNS leads it on to ${alias}`;
    steps.push({ says, origin: endpoint?.source });
    return alias;
  }

  private hasRecord(name: string): boolean {
    return this.zones.covering(name).some((zone) => (recordsFor(zone, name) ?? []).length > 0);
  }

  /** No linked zone covers the name: public DNS decides, unless the name can only be private. */
  private askPublic(
    name: string,
    expectsZone: boolean,
    networkId: string,
    steps: Statement[],
  ): Omit<NameAnswer, "name" | "steps"> {
    const address = this.publicAddresses.get(name);
    if (address !== undefined) {
      steps.push({ says: `${name} is the name of a public address, ${address}`, origin: undefined });
      return resolved("public-dns", [address]);
    }
    const privateOnly = this.privateNames.isPrivateOnly(name);
    const unlinked = this.zones
      .covering(name)
      .find((zone) => zoneLink(zone, networkId).verdict === "no" && recordsFor(zone, name)?.length !== 0);
    if (unlinked !== undefined) {
      steps.push({
        says: `private zone ${unlinked.zoneName} is not linked to the network, so public DNS answers for ${name}`,
        origin: unlinked.source,
      });
      return privateOnly ? failed("public-dns", "zone-not-linked") : unknown("public-dns", "zone-not-linked");
    }
    if ((!privateOnly && !expectsZone) || this.zones.covering(name).length > 0)
      return unknown("public-dns", undefined);
    if (!this.zonesListed) return unknown("public-dns", undefined, [zoneList(name)]);
    steps.push({ says: `no private zone covers ${name}, so public DNS answers`, origin: undefined });
    return privateOnly ? failed("public-dns", "zone-missing") : unknown("public-dns", "zone-missing");
  }
}

type ZoneAnswer =
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "answer"; readonly answer: Omit<NameAnswer, "name" | "steps"> }
  | { readonly kind: "public" };

function answerFrom(
  zone: PrivateDnsZone,
  name: string,
  records: NonNullable<ReturnType<typeof recordsFor>>,
  steps: Statement[],
): ZoneAnswer {
  const alias = records.find(({ type }) => type === "CNAME");
  const target = alias?.values[0]?.toLowerCase().replace(/\.$/, "");
  if (alias !== undefined && target !== undefined) {
    steps.push({ says: `private zone ${zone.zoneName} leads ${name} on to ${target}`, origin: alias.source });
    return { kind: "alias", name: target };
  }
  const addresses = records.flatMap(({ values }) => values);
  steps.push({
    says: `private zone ${zone.zoneName} answers ${name} with ${addresses.join(", ")}`,
    origin: records[0]?.source,
  });
  return { kind: "answer", answer: resolved("private-zone", addresses) };
}

type Answer = Omit<NameAnswer, "name" | "steps">;

export function resolved(answeredBy: NameAnswer["answeredBy"], addresses: readonly string[]): Answer {
  return { verdict: "yes", addresses, answeredBy, reason: undefined, missing: [] };
}

export function failed(answeredBy: NameAnswer["answeredBy"], reason: NameReason): Answer {
  return { verdict: "no", addresses: [], answeredBy, reason, missing: [] };
}

export function unknown(
  answeredBy: NameAnswer["answeredBy"],
  reason: NameReason | undefined,
  missing: readonly Missing[] = [],
): Answer {
  return { verdict: "unknown", addresses: [], answeredBy, reason, missing };
}

function linksOf(zone: PrivateDnsZone): Missing {
  return {
    what: `which networks private zone ${zone.zoneName} is linked to`,
    type: "microsoft.network/privatednszones/virtualnetworklinks",
    resourceId: zone.id,
  };
}

function recordsOf(zone: PrivateDnsZone): Missing {
  return {
    what: `the records of private zone ${zone.zoneName}`,
    type: "microsoft.network/privatednszones/a",
    resourceId: zone.id,
  };
}

function zoneList(name: string): Missing {
  return {
    what: `whether there is a private zone for ${name}`,
    type: "microsoft.network/privatednszones",
    resourceId: undefined,
  };
}
