import type { Change } from "../../../model/change.ts";
import type { WebSite } from "../../../model/services.ts";
import type { FixProposal } from "../../finding.ts";
import { listed } from "../../statements.ts";
import type { Admission, Caller } from "./access-rules.ts";

const list = "ipSecurityRestrictions";

/** An access rule for the gateway alone, in front of the rule that denies it. Undefined when no priority is free. */
export function allowCaller(site: WebSite, caller: Caller, decided: Admission): FixProposal | undefined {
  const rules = site.accessRestrictions?.rules ?? [];
  const priority = freePriority(
    rules.map((rule) => rule.priority),
    decided.rule?.priority,
  );
  const place = placeOf(site);
  if (priority === undefined || (caller.subnetId === undefined && !caller.addresses?.length))
    return undefined;
  const common = { action: "Allow", priority } as const;
  const values =
    caller.subnetId !== undefined
      ? [{ ...common, name: "allow-gateway-subnet", vnetSubnetResourceId: caller.subnetId }]
      : (caller.addresses ?? []).map((address) => ({
          ...common,
          name: "allow-gateway",
          ipAddress: `${address}/${address.includes(":") ? 128 : 32}`,
        }));
  return {
    summary: `Add an access rule (priority ${priority}) to App Service ${site.name} that admits ${
      caller.subnetId !== undefined ? "the gateway subnet" : listed(caller.addresses ?? [])
    }.`,
    changes: values.map((value): Change => ({ action: "add", ...place, value })),
    sideEffects: [
      caller.subnetId !== undefined
        ? `Every gateway in that subnet reaches ${site.name}.`
        : `The rule holds as long as the gateway keeps its public address.`,
    ],
  };
}

/** Where the rules stand: in the site itself, or in its configuration that was exported apart. */
function placeOf({ id, source }: WebSite): { resourceId: string; list: string } {
  const inside = source.object("siteConfig");
  return Array.isArray(inside?.peek(list))
    ? { resourceId: id, list: `siteConfig/${list}` }
    : { resourceId: `${id}/config/web`, list };
}

function freePriority(taken: readonly number[], denied: number | undefined): number | undefined {
  const limit = denied ?? 300;
  for (let priority = Math.min(300, limit - 1); priority > 0; priority--) {
    if (!taken.includes(priority)) return priority;
  }
  return undefined;
}
