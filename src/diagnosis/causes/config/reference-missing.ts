import type { Gateway } from "../../../model/gateway.ts";
import { nameOfId } from "../../../model/resource.ts";
import type { Route, Wiring } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, partId, subject } from "../../statements.ts";
import { type PartReference, referencesOf } from "./references.ts";

interface Match {
  readonly gateway: Gateway;
  readonly missing: PartReference;
  readonly name: string;
  /** The one part whose name differs only in spelling. */
  readonly meant: string | undefined;
}

export default defineCause({
  id: "reference-missing",
  title: "Reference to a part the gateway does not have",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring", "health"],
  explainedBy: [],
  about: `A rule, listener, setting or path map names a part, such as a pool or a probe, that is not in the gateway. Azure
refuses such a configuration, so it stands in templates and hand-written files, never in a running gateway: the
deployment fails and the old state stays. Usually a name was misspelt or a part renamed.`,
  find: ({ gateway, wiring, health }) =>
    referencesOf(gateway).flatMap((missing): Decision<Match>[] => {
      if (missing.reference.target !== undefined) return [];
      const { from, field, collection, reference } = missing;
      const routes = routesOf(missing, wiring);
      const affects = routes.length > 0 ? { routes } : { gateway: true as const };
      // A list that was left out, an expression of a template and a placeholder say nothing.
      if (!Array.isArray(gateway.source.peek(collection)) || !isPlainId(reference.id)) {
        const command = exportCommand("microsoft.network/applicationgateways", gateway.id);
        const what = `what ${field} of ${from.name} refers to: the document has an expression there, or lacks the list of ${collection}`;
        return [{ is: "undecided", needs: { what, command }, affects }];
      }
      const name = nameOfId(reference.id);
      const served = routes.some(({ pair }) => pair !== undefined && health.pair(pair).healthy > 0);
      return [
        {
          is: "found",
          key: `${from.name}/${field}/${name}`,
          match: { gateway, missing, name, meant: similarName(gateway, collection, name) },
          affects,
          effect: routes.length > 0 && !served ? "stops" : "threatens",
          basis: gateway.operationalState === undefined ? "state" : "configuration",
        },
      ];
    }),
  say: ({ gateway, missing: { from, kind, field, collection, reference }, name }): Statement => ({
    summary: `${from.name} refers to ${name}, which is not among the ${collection} of ${gateway.name}`,
    subjects: [subject(kind, from)],
    evidence: [
      evidence(`${field} of ${from.name} names ${name}`, reference.source),
      evidence(`${collection} has no ${name}`, gateway.source.at(collection)),
    ],
  }),
  fix: ({ gateway, missing: { from, field, collection }, name, meant }): FixProposal => {
    const owner = ownerCollection(gateway, from);
    if (meant === undefined || owner === undefined) {
      return {
        summary: `Let ${field} of ${from.name} name a part that exists, or add ${name} to the ${collection}.`,
        changes: [],
        sideEffects: [],
      };
    }
    return {
      summary: `Let ${field} of ${from.name} name ${meant}.`,
      changes: [
        {
          action: "set",
          resourceId: owner,
          path: field,
          value: { id: `${gateway.id}/${collection}/${meant}` },
        },
      ],
      sideEffects: [],
    };
  },
});

function isPlainId(id: string): boolean {
  return id.includes("/") && !/[[\](){}$<>]/.test(id);
}

function routesOf({ from, field }: PartReference, { routes }: Wiring): Route[] {
  return routes.filter(
    ({ rule, listener, pathMap, pathRule, leadsTo, pair }) =>
      rule === from ||
      listener === from ||
      pathRule === from ||
      leadsTo.redirect?.target === from ||
      pair?.setting === from ||
      (pathMap === from && (pathRule === "default" || !field.startsWith("default"))),
  );
}

/** Lists of references (certificates) are left to people. */
function ownerCollection(gateway: Gateway, from: PartReference["from"]): string | undefined {
  for (const map of gateway.urlPathMaps) {
    if (map === from) return partId(gateway, "urlPathMaps", map);
    const rule = map.pathRules.find((one) => one === from);
    if (rule !== undefined) return `${partId(gateway, "urlPathMaps", map)}/pathRules/${rule.name}`;
  }
  const setting = gateway.settings.find((one) => one === from);
  if (setting !== undefined) return partId(gateway, setting.collection, setting);
  if (gateway.rules.some((one) => one === from)) return partId(gateway, "requestRoutingRules", from);
  if (gateway.listeners.some((one) => one === from)) return partId(gateway, "httpListeners", from);
  return undefined;
}

function similarName(gateway: Gateway, collection: string, name: string): string | undefined {
  const names = gateway.source.list(collection).flatMap((item) => item.text("name") ?? []);
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const like = names.filter((one) => isNear(plain(one), plain(name)));
  return like.length === 1 ? like[0] : undefined;
}

/** Equal, or one letter added, left out, changed or swapped with its neighbour. */
function isNear(one: string, other: string): boolean {
  if (one === other) return true;
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  return (
    (left.length <= 1 && right.length <= 1) || (left.length === 2 && left === [...right].reverse().join(""))
  );
}
