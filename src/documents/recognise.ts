import { isObject } from "../model/source.ts";
import { isActivity, readActivity } from "./activity-log.ts";
import {
  isBackendHealth,
  isBackendHealthOnDemand,
  readBackendHealth,
  readBackendHealthOnDemand,
} from "./backend-health.ts";
import { effectiveKind, interfaceNamedBy, takeEffective } from "./effective.ts";
import type { DocumentTally, Harvest } from "./harvest.ts";
import { isAccessRow } from "./log-notation.ts";
import { whyNotRead } from "./not-read.ts";
import { field, type JsonObject, listField, type Place, placeIn, textField } from "./place.ts";
import { unfoldTextFields } from "./powershell.ts";
import { identify, takeResource } from "./resource.ts";
import { countOf } from "./resource-kinds.ts";
import { isServiceTags, takeServiceTags } from "./service-tags.ts";
import { isUnownedSiteConfiguration, takeUnownedSiteConfiguration } from "./site-configuration.ts";

/** How many levels of unknown objects are looked through for something known, e.g. `{ "applicationGateway": { … } }`. */
const wrapperLevels = 3;

/** One document on its way into the harvest. */
interface Visit {
  readonly harvest: Harvest;
  readonly tally: DocumentTally;
  readonly logRows: JsonObject[];
  readonly levelsLeft: number;
}

/** A form of JSON object that is read. The first form that matches takes the object. */
interface Form {
  readonly is: (value: JsonObject) => boolean;
  readonly take: (place: Place, value: JsonObject, visit: Visit) => void;
}

/** In the order of trying: the more telling form first. */
const forms: readonly Form[] = [
  { is: (value) => whyNotRead(value) !== undefined, take: takeNothing },
  {
    is: (value) => isObject(field(value, "parameters")) && isObject(field(value, "responses")),
    take: takeRestExample,
  },
  {
    is: (value) => isBackendHealth(unfoldTextFields(value)),
    take: (place, value, { harvest, tally }) => {
      harvest.healthReports.push(readBackendHealth({ ...place, value: unfoldTextFields(value) }));
      tally.take("backend health report");
    },
  },
  {
    is: isBackendHealthOnDemand,
    take: (place, _value, { harvest, tally }) => {
      harvest.healthReports.push(readBackendHealthOnDemand(place));
      tally.take("backend health report");
    },
  },
  {
    is: isServiceTags,
    take: (place, value, { harvest, tally }) =>
      tally.take("service tag", takeServiceTags(place, value, harvest), "service-tag file"),
  },
  { is: isAccessRow, take: (_place, value, { logRows }) => void logRows.push(value) },
  { is: isActivity, take: (place, _value, visit) => takeActivities([place], visit) },
  {
    is: isUnownedSiteConfiguration,
    take: (place, value, { harvest, tally }) => takeUnownedSiteConfiguration(place, value, harvest, tally),
  },
  // Before resources: the page may carry the id of the interface the list is of.
  { is: (value) => effectiveKind(listOf(value)?.list ?? []) !== undefined, take: takePage },
  { is: (value) => identify(value) !== undefined, take: takeKnownResource },
  { is: (value) => listOf(value) !== undefined, take: takePage },
];

/**
 * Finds everything Causeway reads in one parsed document, by content, wherever in the document it stands. Rows of access
 * logs are returned: they are folded by the reader of logs.
 */
export function recognise(
  document: string,
  value: unknown,
  harvest: Harvest,
  tally: DocumentTally,
): JsonObject[] {
  const logRows: JsonObject[] = [];
  visitValue(
    { document, pointer: "", value, listed: false, hints: {} },
    { harvest, tally, logRows, levelsLeft: wrapperLevels },
  );
  return logRows;
}

function visitValue(place: Place, visit: Visit): boolean {
  const { value } = place;
  if (Array.isArray(value)) return visitList(place, value, true, visit);
  if (!isObject(value)) {
    visit.tally.ignore("JSON value", "a bare JSON value, not an exported resource");
    return false;
  }
  const form = forms.find(({ is }) => is(value));
  if (form !== undefined) {
    form.take(place, value, visit);
    return true;
  }
  return visitInside(place, value, visit);
}

function visitList(place: Place, list: readonly unknown[], complete: boolean, visit: Visit): boolean {
  if (list.length === 0) {
    visit.tally.ignore("empty list", "an empty list does not say of what");
    return true;
  }
  const effective = effectiveKind(list);
  if (effective !== undefined) {
    takeEffective(place, list, effective, visit.harvest);
    visit.tally.take(effective === "groups" ? "effective security rule list" : "effective route list");
    return true;
  }
  const activities: Place[] = [];
  list.forEach((item, index) => {
    const inner = placeIn(place, index, item, complete);
    if (isObject(item) && isActivity(item)) activities.push(inner);
    else visitValue(inner, visit);
  });
  takeActivities(activities, visit);
  return true;
}

/** An object of unknown form may hold known ones: `az … create` prints `{ "newVNet": { … } }`. */
function visitInside(place: Place, value: JsonObject, visit: Visit): boolean {
  const inner = Object.entries(value).filter(([, held]) => isObject(held) || Array.isArray(held));
  const found = inner.filter(([key, held]) => mayHoldResources(held, visit.levelsLeft) && key !== "tags");
  if (visit.levelsLeft <= 0 || found.length === 0) {
    visit.tally.ignore("JSON document", `JSON of unknown form${fieldNames(value)}`);
    return false;
  }
  for (const [key, held] of found) {
    visitValue(placeIn(place, key, held), { ...visit, levelsLeft: visit.levelsLeft - 1 });
  }
  return true;
}

function mayHoldResources(held: unknown, levelsLeft: number): boolean {
  if (levelsLeft <= 0) return false;
  if (Array.isArray(held)) {
    return (
      effectiveKind(held) !== undefined ||
      held.slice(0, 20).some((item) => mayHoldResources(item, levelsLeft - 1))
    );
  }
  if (!isObject(held)) return false;
  if (forms.some(({ is }) => is(held))) return true;
  return Object.values(held).some((inner) => mayHoldResources(inner, levelsLeft - 1));
}

function takeNothing(_place: Place, value: JsonObject, { tally }: Visit): void {
  const why = whyNotRead(value);
  if (why !== undefined) tally.ignore(why.kind, why.reason);
}

/** The examples beside the API description wrap the answer: `responses.200.body`. */
function takeRestExample(place: Place, value: JsonObject, visit: Visit): void {
  const parameters = field(value, "parameters") as JsonObject;
  const responses = field(value, "responses") as JsonObject;
  const hints = {
    subscription: textField(parameters, "subscriptionId"),
    resourceGroup: textField(parameters, "resourceGroupName"),
    names: parameters,
    networkInterfaceId: interfaceOfExample(parameters),
  };
  const responsesPlace = placeIn(place, "responses", responses);
  for (const status of ["200", "201"]) {
    const response = field(responses, status);
    const body = field(response, "body");
    if (!isObject(body) && !Array.isArray(body)) continue;
    const inner = placeIn(placeIn(responsesPlace, status, response), "body", body);
    visitValue({ ...inner, hints }, visit);
    return;
  }
  visit.tally.ignore("REST example", "a REST example without an answer that has a body");
}

function interfaceOfExample(parameters: JsonObject): string | undefined {
  const name = textField(parameters, "networkInterfaceName");
  const subscription = textField(parameters, "subscriptionId");
  const group = textField(parameters, "resourceGroupName");
  if (name === undefined || subscription === undefined || group === undefined) return undefined;
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/networkInterfaces/${name}`;
}

/** `value`: ARM list pages and PowerShell; `data`: Azure Resource Graph; `records`: stored logs. */
function listOf(value: JsonObject): { key: string; list: readonly unknown[] } | undefined {
  for (const key of ["value", "data", "records"]) {
    const list = listField(value, key);
    if (list !== undefined) return { key, list };
  }
  return undefined;
}

function takePage(place: Place, value: JsonObject, visit: Visit): void {
  const page = listOf(value);
  if (page === undefined) return;
  const cut = ["nextLink", "skip_token", "$skipToken"].some((name) => textField(value, name) !== undefined);
  if (cut)
    visit.tally.remark("the first page of a longer list: export the list with `az`, which follows the pages");
  const networkInterfaceId = interfaceNamedBy(value) ?? place.hints.networkInterfaceId;
  const inner = placeIn(place, page.key, page.list);
  visitList(
    { ...inner, hints: { ...place.hints, networkInterfaceId } },
    page.list,
    !cut && page.key !== "data",
    visit,
  );
}

function takeKnownResource(place: Place, value: JsonObject, { harvest, tally }: Visit): void {
  const identity = identify(value);
  if (identity !== undefined) takeResource(place, value, identity, harvest, tally);
}

function takeActivities(places: readonly Place[], { harvest, tally }: Visit): void {
  const activities = places.flatMap((place) => readActivity(place) ?? []);
  for (const activity of activities) harvest.activities.push(activity);
  if (activities.length > 0) tally.take("activity log entry", activities.length, "activity log");
  if (activities.length < places.length) {
    const left = countOf(places.length - activities.length, "activity log entry");
    tally.remark(`${left} without time or resource left out`);
  }
}

function fieldNames(value: JsonObject): string {
  const names = Object.keys(value).filter((key) => /^[\w$.-]{1,40}$/.test(key));
  if (names.length === 0) return "";
  return ` (its fields: ${names.slice(0, 6).join(", ")}${names.length > 6 ? ", …" : ""})`;
}
