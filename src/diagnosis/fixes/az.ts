import type { Change, Json } from "../../model/change.ts";
import { quoteShell } from "../quoting.ts";
import { type AzNoun, azNouns } from "./az-nouns.ts";
import { azOperation } from "./az-operations.ts";
import { accessRestriction, addressRecord, nicPool } from "./az-special.ts";
import { asSettings, azWords, generic, genericSet, references } from "./az-values.ts";
import { type CurrentList, indexInList, ListsOnTheWay } from "./current-list.ts";
import { asElement } from "./new-element.ts";
import { childOf, nameOf, ownerOf, parentOf, type Target, targetOf } from "./target.ts";

type SetChange = Extract<Change, { action: "set" }>;

export interface AzContext {
  /** Subscription the reader works in, the gateway's: commands for others name theirs. */
  readonly subscription: string | undefined;
  readonly currentList: CurrentList;
}

/** The changes as Azure CLI commands for a POSIX shell, in order. Settings of one object become one command. */
export function azCommands(changes: readonly Change[], given: AzContext): string[] {
  const lists = new ListsOnTheWay(given.currentList);
  const context: AzContext = { ...given, currentList: (resourceId, list) => lists.of(resourceId, list) };
  const commands: string[] = [];
  let pending: SetChange[] = [];
  const flush = (): void => {
    const [first] = pending;
    if (first !== undefined) commands.push(update(targetOf(first.resourceId), pending, context));
    pending = [];
  };
  for (const change of changes) {
    if (pending.length > 0 && !(change.action === "set" && change.resourceId === pending[0]?.resourceId)) {
      flush();
    }
    if (change.action === "set") pending.push(change);
    else commands.push(...single(change, context));
    lists.follow(change);
  }
  flush();
  return commands;
}

function single(change: Exclude<Change, SetChange>, context: AzContext): string[] {
  const target = targetOf(change.resourceId);
  switch (change.action) {
    case "add":
      return [add(target, change.list, change.value, context)];
    case "remove":
      return [remove(target, change.list, change.value, context)];
    case "create":
      return [create(target, change.body, context)];
    case "operate":
      return azOperation(target, change.operation, (words) => line(words, target, context));
  }
}

/** `az` and the words, with the subscription where it is not the reader's own. */
function line(words: readonly string[], target: Target, context: AzContext): string {
  const foreign =
    target.subscription !== undefined &&
    context.subscription !== undefined &&
    target.subscription.toLowerCase() !== context.subscription.toLowerCase();
  const elsewhere = foreign && !words.includes("--ids") && !words.includes("--id");
  return [
    "az",
    ...words,
    ...(elsewhere ? ["--subscription", quoteShell(target.subscription ?? "")] : []),
  ].join(" ");
}

/** `network nsg rule create --resource-group … --nsg-name … --name …` */
function addressed(noun: AzNoun, verb: string, target: Target): string[] {
  const outer = noun.parents.flatMap((option, index) => [
    option,
    quoteShell(target.names[index] ?? "<name>"),
  ]);
  return [
    ...noun.noun.split(" "),
    ...verb.split(" "),
    "--resource-group",
    quoteShell(target.resourceGroup),
    ...outer,
    noun.nameOption ?? "--name",
    quoteShell(nameOf(target)),
  ];
}

function update(target: Target, changes: readonly SetChange[], context: AzContext): string {
  const noun = azNouns[target.type];
  if (noun?.updates === false) return updateThroughParent(target, changes, context);
  if (noun === undefined) {
    const settings = changes.map(({ path, value }) => genericSet(`properties/${path}`, value));
    return line(
      ["resource", "update", "--ids", quoteShell(target.id), ...generic(settings)],
      target,
      context,
    );
  }
  const filled = new Set(
    changes.filter(({ value }) => !isEmpty(value)).map(({ path }) => optionOf(noun.options, path)),
  );
  const options: string[] = [];
  const others: { path: string; value: Json }[] = [];
  for (const { path, value } of changes) {
    const option = optionOf(noun.options, path);
    const words = optionWords(noun.options, path, value, target);
    // The same option fills the one field or the list, and empties the other by itself: a word more would undo it.
    if (words === undefined && option !== undefined && isEmpty(value) && filled.has(option)) continue;
    if (words === undefined) others.push({ path, value });
    else options.push(...words);
  }
  const rest = generic(others.map(({ path, value }) => genericSet(path, value)));
  return line([...addressed(noun, "update", target), ...options, ...rest], target, context);
}

/** Parts without an `update` of their own are reached through the list of the part around them. */
function updateThroughParent(target: Target, changes: readonly SetChange[], context: AzContext): string {
  const parent = parentOf(target);
  const noun = azNouns[parent.type];
  const collection = target.id.split("/").at(-2) ?? "";
  const settings = changes.map(({ path, value }) =>
    genericSet(`${collection}[name=${nameOf(target)}]/${path}`, value),
  );
  const words = noun === undefined ? ["resource", "update", "--ids", quoteShell(parent.id)] : [];
  return line(
    [...(noun === undefined ? words : addressed(noun, "update", parent)), ...generic(settings)],
    parent,
    context,
  );
}

function optionOf(options: Readonly<Record<string, string>> | undefined, path: string): string | undefined {
  const key = path.toLowerCase();
  return options?.[key] ?? (key.endsWith("/id") ? options?.[key.slice(0, -3)] : undefined);
}

function isEmpty(value: Json): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** An option of its own for a setting, or undefined when the group has none. */
function optionWords(
  options: Readonly<Record<string, string>> | undefined,
  path: string,
  value: Json,
  target: Target,
): string[] | undefined {
  const option = optionOf(options, path);
  if (option === undefined || value === null) return undefined;
  const words = azWords(references(value, ownerOf(target)));
  return words === undefined || words.length === 0 ? undefined : [option, ...words];
}

function add(target: Target, list: string, value: Json, context: AzContext): string {
  const listName = list.toLowerCase();
  if (target.type.endsWith("/ipconfigurations") && listName === "applicationgatewaybackendaddresspools") {
    return line(nicPool("add", target, value), target, context);
  }
  if (listName.endsWith("ipsecurityrestrictions")) {
    return line(accessRestriction(target, value), target, context);
  }
  const child = namedChild(target, list, value);
  if (child !== undefined && !Array.isArray(value)) {
    const words = createWords(child, value as Readonly<Record<string, Json>>);
    if (words !== undefined) return line(words, target, context);
  }
  const noun = azNouns[target.type];
  const words =
    noun === undefined || noun.updates === false
      ? [
          "resource",
          "update",
          "--ids",
          quoteShell(target.id),
          "--add",
          quoteShell(`properties.${dotted(list)}`),
        ]
      : [...addressed(noun, "update", target), "--add", quoteShell(dotted(list))];
  // `az resource` speaks Azure's own shape; the groups know their parts without `properties` around them.
  const element = words[0] === "resource" ? asElement(list, value) : value;
  return line([...words, ...addedWords(element)], target, context);
}

/** `--add list key=value` for flat objects, else JSON. */
function addedWords(value: Json): string[] {
  const entries =
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const flat = entries.length > 0 && entries.every(([, item]) => typeof item === "string" && item !== "");
  return flat
    ? entries.map(([key, item]) => quoteShell(`${key}=${item}`))
    : [quoteShell(typeof value === "string" ? value : JSON.stringify(value))];
}

function remove(target: Target, list: string, value: Json, context: AzContext): string {
  const listName = list.toLowerCase();
  if (target.type.endsWith("/ipconfigurations") && listName === "applicationgatewaybackendaddresspools") {
    return line(nicPool("remove", target, value), target, context);
  }
  const child = namedChild(target, list, value);
  const childNoun = child === undefined ? undefined : azNouns[child.type];
  if (child !== undefined && childNoun !== undefined) {
    const yes = childNoun.confirmsDelete === true ? ["--yes"] : [];
    return line([...addressed(childNoun, "delete", child), ...yes], target, context);
  }
  const current = context.currentList(target.id, list);
  const noun = azNouns[target.type];
  const servers = listName === "backendaddresses" ? serversWithout(current, value) : undefined;
  if (noun !== undefined && servers !== undefined) {
    return line([...addressed(noun, "update", target), "--servers", ...servers], target, context);
  }
  const index = current === undefined ? -1 : indexInList(current, value);
  const at = index < 0 ? quoteShell(`<index of ${shortText(value)}>`) : String(index);
  const words =
    noun === undefined || noun.updates === false
      ? [
          "resource",
          "update",
          "--ids",
          quoteShell(target.id),
          "--remove",
          quoteShell(`properties.${dotted(list)}`),
        ]
      : [...addressed(noun, "update", target), "--remove", quoteShell(dotted(list))];
  return line([...words, at], target, context);
}

/** The servers a pool keeps, or undefined when that is not known or none. */
function serversWithout(current: readonly unknown[] | undefined, value: Json): string[] | undefined {
  if (current === undefined) return undefined;
  const index = indexInList(current, value);
  if (index < 0) return undefined;
  const kept = current.filter((_, place) => place !== index).map(addressOf);
  const known = kept.filter((address) => address !== undefined);
  return known.length === 0 || known.length < kept.length ? undefined : known.map(quoteShell);
}

function addressOf(item: unknown): string | undefined {
  const entry = (item ?? {}) as { ipAddress?: unknown; fqdn?: unknown };
  if (typeof entry.ipAddress === "string" && entry.ipAddress !== "") return entry.ipAddress;
  return typeof entry.fqdn === "string" && entry.fqdn !== "" ? entry.fqdn : undefined;
}

function create(target: Target, body: Readonly<Record<string, Json>>, context: AzContext): string {
  if (target.type === "microsoft.network/privatednszones/a") {
    return line(addressRecord(target, body), target, context);
  }
  const words = createWords(target, body);
  if (words !== undefined) return line(words, target, context);
  const whole = "location" in body || "sku" in body;
  const json = quoteShell(JSON.stringify(whole ? body : (body.properties ?? body)));
  const full = whole ? ["--is-full-object"] : [];
  return line(
    ["resource", "create", "--id", quoteShell(target.id), ...full, "--properties", json],
    target,
    context,
  );
}

/** The group's own `create`, when it has an option for everything that is set. */
function createWords(target: Target, body: Readonly<Record<string, Json>>): string[] | undefined {
  const noun = azNouns[target.type];
  if (noun?.creates === undefined) return undefined;
  const words: string[] = [];
  for (const { path, value } of asSettings(body, noun.creates)) {
    if (path === "location" && noun.noun.startsWith("network private-dns")) continue;
    if (noun.follows?.includes(path.toLowerCase())) continue;
    const option = optionWords(noun.creates, path, value, target);
    if (option === undefined) return undefined;
    words.push(...option);
  }
  return [...addressed(noun, "create", target), ...words];
}

/** The element as a part of its own, when it has a name and its collection is one of named parts. */
function namedChild(target: Target, list: string, value: Json): Target | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || list.includes("/"))
    return undefined;
  const { name } = value as { readonly name?: Json };
  return typeof name === "string" ? childOf(target, list, name) : undefined;
}

function dotted(path: string): string {
  return path.replaceAll("/", ".");
}

function shortText(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
