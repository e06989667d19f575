import type { NameReason } from "../../../network/names.ts";
import type { Trial } from "../../experiment.ts";
import { seenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { Failing } from "../../live-evidence.ts";
import { addressTrials } from "./address-trials.ts";
import { addressFor, privateNameOf, relativeName, zonesFor } from "./private-name.ts";
import { type OtherAddress, otherAddresses } from "./seen-answers.ts";

type TrialFacets = Pick<Facets, "gateway" | "names" | "services" | "network" | "live">;

/** The same exchange with the address that a private zone should have answered with, where this is the fault. */
export function zoneTrials(facets: TrialFacets, failing: Failing, reason: NameReason): readonly Trial[] {
  const answer = facets.names.of(failing.server);
  const told = seenName(facets, failing.server);
  if (answer?.reason !== reason || told === undefined) return [];
  const known = addressFor(answer.name, failing.server, facets);
  const places = [
    ...recorded(answer.name, facets),
    ...(known === undefined ? [] : [{ address: known.address, from: "the documents" }]),
    ...otherAddresses(told),
  ];
  return addressTrials(facets.live, failing, told, places);
}

/** What the private zones of the export have for a name, linked or not. */
export function recorded(name: string, { network }: Pick<Facets, "network">): OtherAddress[] {
  return zonesFor(name, network).flatMap(({ zoneName, records }) => {
    const own = relativeName(zoneName, privateNameOf(name, name.endsWith(`.${zoneName}`)));
    return records
      .filter((record) => record.name === own && record.type === "A")
      .flatMap(({ values }) => values.map((address) => ({ address, from: `private zone ${zoneName}` })));
  });
}
