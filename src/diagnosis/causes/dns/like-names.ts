import type { Facets } from "../../facets.ts";

/** Names the documents know that differ from the wanted one by at most two letters: probably what was meant. */
export function likeName(name: string, network: Facets["network"]): string | undefined {
  const near = knownNames(network)
    .filter((known) => known !== name && Math.abs(known.length - name.length) <= 2)
    .map((known) => ({ known, distance: editDistance(known, name) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  const [best, second] = near;
  return best === undefined || second?.distance === best.distance ? undefined : best.known;
}

function knownNames({
  webSites,
  publicIpAddresses,
  apiManagementServices,
  privateDnsZones,
}: Facets["network"]): readonly string[] {
  const records = privateDnsZones.flatMap(({ zoneName, records: sets }) =>
    sets.flatMap(({ name }) => (name === "@" || name === "*" ? [] : [`${name}.${zoneName}`])),
  );
  return [
    ...new Set([
      ...webSites.flatMap(({ hostNames }) => hostNames),
      ...publicIpAddresses.flatMap(({ fqdn }) => fqdn?.toLowerCase() ?? []),
      ...apiManagementServices.flatMap(({ hostNames }) => hostNames),
      ...records,
    ]),
  ];
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
