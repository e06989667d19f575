import type { Gateway } from "../../../model/gateway.ts";
import type { AzureFirewall } from "../../../model/hosts.ts";
import { nameOfId, parseResourceId } from "../../../model/resource.ts";
import type { ApplianceHop, NetworkPath } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Undecided } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Need, Statement, Subject } from "../../finding.ts";
import { quoteShell } from "../../quoting.ts";
import { evidence, groupedBy, listed, serverNames, subject } from "../../statements.ts";
import { mayBeUnreachable, unfollowedAt } from "../open-paths.ts";
import { waysOf } from "../ways.ts";
import { stoppedBy, stoppingAppliance } from "./hops.ts";

interface Match {
  readonly gateway: Gateway;
  readonly hop: ApplianceHop;
  readonly servers: readonly Server[];
  readonly ports: readonly number[];
  readonly to: readonly string[];
}

export default defineCause({
  id: "firewall-deny",
  title: "Firewall on the way denies the gateway",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "plans", "health"],
  explainedBy: [],
  about: `A route leads the gateway's traffic through a firewall, and no rule of it allows the gateway subnet to reach the servers
on their port, or one denies it. A firewall denies whatever it does not allow. It logs the drop with the default action,
while the gateway sees nothing but silence. Rules kept in a firewall policy, and those of other makers' appliances, are in
no document that is read: the check is then undecided.`,
  find: (facets) => {
    const { gateway, reach } = facets;
    const denied = (paths: Facets["reach"]["blocked"], effect: "stops" | "stops-requests") =>
      stoppedBy(
        paths,
        (path) => stoppingAppliance(path, "firewall-denies"),
        ({ firewall, address, rule }) => `${firewall?.name ?? address}/${rule?.name ?? "default"}`,
      ).map(
        ({ key, hop, path, servers }): Decision<Match> => ({
          is: "found",
          key: effect === "stops" ? key : `${key}/requests`,
          match: {
            gateway,
            hop,
            servers,
            ports: portsOf(facets, servers, effect),
            to: [...new Set(servers.flatMap((server) => destinationsOf(server, path, reach)))],
          },
          affects: { servers },
          effect,
          basis: "configuration",
        }),
      );
    return [
      ...denied(reach.blocked, "stops"),
      ...denied(reach.requestsBlocked, "stops-requests"),
      ...openAppliances(facets),
      ...unfollowedAt(facets),
    ];
  },
  say: ({ hop, servers, ports }, affects): Statement => ({
    summary: `Firewall ${hop.firewall?.name ?? hop.address}, through which the way leads, ${
      hop.rule === undefined ? "has no rule that allows" : `denies by rule ${hop.rule.name}`
    } what the gateway sends to ${serverNames(affects.servers ?? servers)} on port ${ports.join(", ")}`,
    subjects: subjectsOf(hop),
    evidence: hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)],
  }),
  fix: fixFirewall,
});

function portsOf(
  { plans }: Pick<Facets, "plans">,
  servers: readonly Server[],
  effect: "stops" | "stops-requests",
): number[] {
  const plan = effect === "stops" ? plans.probe : plans.request;
  return [...new Set(servers.flatMap((server) => plan(server).port.value ?? []))].sort((a, b) => a - b);
}

/** The subnet of the servers, which stays when machines come and go; their addresses where it is not known. */
function destinationsOf(server: Server, path: NetworkPath, reach: Facets["reach"]): readonly string[] {
  const prefixes = (reach.of(server) ?? path).destination.subnet?.addressPrefixes ?? [];
  return prefixes.length > 0 ? prefixes : reach.addresses(server).slice(0, 1);
}

/** Appliances that may or may not let the gateway's traffic pass, by appliance. */
function openAppliances({ reach, health }: Pick<Facets, "reach" | "health">): Undecided[] {
  const open = waysOf(reach.unclear).flatMap(({ path, servers }) => {
    const hop = path.hops.find(
      (one): one is ApplianceHop =>
        one.kind === "appliance" && one.verdict === "unknown" && one.reason === undefined,
    );
    const concerned = hop === undefined ? [] : servers.filter((one) => mayBeUnreachable(health.of(one)));
    return hop === undefined || concerned.length === 0 ? [] : [{ hop, servers: concerned }];
  });
  return groupedBy(open, ({ hop }) => hop.address).map(([, items]) => ({
    is: "undecided",
    needs: rulesOf((items[0] as (typeof items)[0]).hop),
    affects: { servers: items.flatMap(({ servers }) => servers) },
  }));
}

/** Where a person finds the rules. */
function rulesOf({ address, firewall }: ApplianceHop): Need {
  const policy = firewall?.firewallPolicyId;
  if (policy !== undefined) {
    const { resourceGroup, names } = parseResourceId(policy);
    const group = quoteShell(resourceGroup ?? "<resource-group>");
    const name = quoteShell(names[0] ?? "<policy>");
    return {
      what: `whether the rules of policy ${nameOfId(policy)} let the gateway through firewall ${firewall?.name}`,
      command: `az network firewall policy rule-collection-group list --resource-group ${group} --policy-name ${name}`,
    };
  }
  return firewall === undefined
    ? {
        what: `whether the appliance at ${address} lets the gateway through`,
        command: `look for the gateway subnet in the rules and the log of the appliance at ${address}`,
      }
    : {
        what: `whether the rules of firewall ${firewall.name} let the gateway through`,
        command: exportCommand("microsoft.network/azurefirewalls", firewall.id),
      };
}

function subjectsOf({ firewall, rule }: ApplianceHop): Subject[] {
  if (firewall === undefined) return [];
  const own = subject("azureFirewall", firewall);
  if (rule === undefined) return [own];
  const { document, pointer } = rule.source;
  return [{ kind: "firewallRule", name: rule.name, resourceId: firewall.id, document, pointer }, own];
}

/** A collection of its own before the one that denies: Azure evaluates collections by priority, 100 first. */
function fixFirewall({ gateway, hop, ports, to }: Match): FixProposal | undefined {
  const { firewall, rule } = hop;
  const from = gateway.subnet?.target?.addressPrefixes ?? [];
  if (firewall === undefined || firewall.firewallPolicyId !== undefined || from.length === 0)
    return undefined;
  const priority = freePriority(firewall, rule?.priority ?? 65_001);
  if (priority === undefined) return undefined;
  const name = `allow-${gateway.name}`;
  return {
    summary: `Add network rule collection ${name} (priority ${priority}) to firewall ${firewall.name}: allow tcp ${listed(from)} to ${listed(to)} on port ${ports.join(", ")}.`,
    changes: [
      {
        action: "add",
        resourceId: firewall.id,
        list: "networkRuleCollections",
        value: {
          name,
          priority,
          action: { type: "Allow" },
          rules: [
            {
              name: `${name}-to-servers`,
              protocols: ["TCP"],
              sourceAddresses: from,
              destinationAddresses: to,
              destinationPorts: ports.map(String),
            },
          ],
        },
      },
    ],
    sideEffects: [
      `Opens port ${ports.join(", ")} of ${listed(to)} to the gateway subnet, through the firewall.`,
    ],
  };
}

function freePriority({ networkRules }: AzureFirewall, below: number): number | undefined {
  const taken = new Set(networkRules.map(({ priority }) => priority));
  for (let priority = Math.min(below - 1, 65_000); priority >= 100; priority--) {
    if (!taken.has(priority)) return priority;
  }
  return undefined;
}
