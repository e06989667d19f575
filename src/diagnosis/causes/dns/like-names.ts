import type { Facets } from "../../facets.ts";

/** How many names are compared at most: with more, something else than a slip of the pen is wrong. */
const mostCompared = 50;

/**
 * Finds the name the documents know that differs from a wanted one by at most two letters: probably what was meant. Where
 * several are equally near, none is; a name that is itself known is not misspelt.
 */
export function nameFinder(network: Facets["network"]): (name: string) => string | undefined {
  let known: readonly string[] | undefined;
  let compared = 0;
  return (name) => {
    if (++compared > mostCompared) return undefined;
    known ??= knownNames(network);
    if (known.includes(name)) return undefined;
    const near = known
      .filter((one) => one !== name && Math.abs(one.length - name.length) <= 2)
      .map((one) => ({ one, distance: editDistance(one, name) }))
      .filter(({ distance }) => distance <= 2)
      .sort((a, b) => a.distance - b.distance);
    const [best, second] = near;
    return best === undefined || second?.distance === best.distance ? undefined : best.one;
  };
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
