import { Source } from "../model/source.ts";
import type { DocumentTally, Harvest } from "./harvest.ts";
import { field, has, type JsonObject, type Place } from "./place.ts";
import { siteConfigurationName } from "./resource.ts";

/**
 * `az webapp config access-restriction show` and `az webapp auth show` print settings of a site without saying of which
 * (`id` and `type` are missing).
 */
export function isUnownedSiteConfiguration(value: JsonObject): boolean {
  if (has(value, "id") && typeof field(value, "id") === "string") return false;
  if (has(value, "type")) return false;
  const restrictions = has(value, "ipSecurityRestrictions") && has(value, "scmIpSecurityRestrictions");
  const authentication = has(value, "globalValidation", "platform");
  return restrictions || authentication;
}

/** Kept aside until all documents are read: with one site among them it can only be that site's. */
export function takeUnownedSiteConfiguration(
  place: Place,
  value: JsonObject,
  harvest: Harvest,
  tally: DocumentTally,
): void {
  const source = new Source(place.document, place.pointer, value);
  const record = { id: `config/${siteConfigurationName(value)}`, type: "microsoft.web/sites/config", source };
  tally.take("App Service configuration");
  harvest.nameless.push({ record, tally });
}
