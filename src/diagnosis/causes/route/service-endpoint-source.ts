import type { Gateway } from "../../../model/gateway.ts";
import type { Subnet } from "../../../model/network.ts";
import { idKey } from "../../../model/resource.ts";
import type { AccessRestrictions, WebSite } from "../../../model/services.ts";
import { parseAddress, parseRange, rangeContains } from "../../../network/addresses.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { publicAddressesOf } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement, Subject } from "../../finding.ts";
import { evidence, groupedBy, listed, serverNames, subject } from "../../statements.ts";

type Rule = AccessRestrictions["rules"][number];

interface Match {
  readonly gateway: Gateway;
  readonly subnet: Subnet;
  readonly site: WebSite;
  /** Rules by which the site would let the gateway's public address in. */
  readonly meant: readonly Rule[];
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "service-endpoint-source",
  title: "Service endpoint changes the address the service sees",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "names", "services"],
  explainedBy: ["dns-zone-not-linked", "dns-zone-missing"],
  about: `With the service endpoint Microsoft.Web on its subnet, the gateway reaches App Service with its private identity: the
subnet, not its public address. A site whose access restrictions let in the public address alone then answers 403 to
probes and requests. The restriction has to name the gateway subnet. Often the endpoint was switched on for something
else in the same network.`,
  find: (facets) => {
    const { gateway } = facets;
    const subnet = gateway.subnet?.target;
    if (subnet === undefined || !subnet.serviceEndpoints.some((one) => /^microsoft\.web$/i.test(one))) {
      return [];
    }
    const refused = facets.names.asked.flatMap(({ answer, servers }) =>
      answer.answeredBy === "private-zone"
        ? []
        : servers.flatMap((server) => refusedBy(server, subnet, facets) ?? []),
    );
    return groupedBy(refused, ({ site }) => site.id).map(([, items]): Decision<Match> => {
      const [{ site, meant }] = items as [(typeof items)[0]];
      const servers = items.map(({ server }) => server);
      return {
        is: "found",
        key: site.name,
        match: { gateway, subnet, site, meant, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
        showsAt: "http",
      };
    });
  },
  say: ({ gateway, subnet, site, meant, servers }, affects): Statement => ({
    summary: `Site ${site.name} lets the public address of gateway ${gateway.name} in, but sees subnet ${subnet.name} instead because of its service endpoint, and refuses ${serverNames(affects.servers ?? servers)}`,
    subjects: [siteSubject(site), subject("subnet", subnet)],
    evidence: [
      evidence(
        "service endpoint Microsoft.Web is on the gateway subnet",
        subnet.source.at("serviceEndpoints"),
      ),
      ...meant.map((rule) =>
        evidence(`rule ${rule.name} allows ${rule.ipAddress}, the gateway's public address`, rule.source),
      ),
      evidence("no rule names the gateway subnet, and the rest is denied", site.source),
    ],
  }),
  fix: allowSubnet,
});

function refusedBy(
  server: Server,
  subnet: Subnet,
  { services, gateway }: Pick<Facets, "services" | "gateway">,
): { server: Server; site: WebSite; meant: readonly Rule[] } | undefined {
  const service = services.of(server);
  const site = service?.kind === "app-service" ? service.site : undefined;
  const restrictions = site?.accessRestrictions;
  if (site === undefined || restrictions === undefined) return undefined;
  const meant = restrictions.rules.filter((rule) => rule.action === "Allow" && allowsAny(rule, gateway));
  if (meant.length === 0 || letsIn(restrictions, subnet)) return undefined;
  return { server, site, meant };
}

/** Whether the site lets the subnet in: by subnet rule or by a rule for everybody, the smallest priority first. */
function letsIn({ rules, defaultAction }: AccessRestrictions, subnet: Subnet): boolean {
  const decisive = [...rules]
    .sort((a, b) => a.priority - b.priority)
    .find(
      ({ subnetId, ipAddress }) =>
        (subnetId !== undefined && idKey(subnetId) === idKey(subnet.id)) ||
        /^(any|0\.0\.0\.0\/0)$/i.test(ipAddress ?? ""),
    );
  return (decisive?.action ?? defaultAction) === "Allow";
}

function allowsAny({ ipAddress }: Rule, gateway: Gateway): boolean {
  const range = ipAddress === undefined ? undefined : parseRange(ipAddress);
  if (range === undefined || /\/0$/.test(ipAddress ?? "")) return false;
  return publicAddressesOf(gateway).some((text) => {
    const address = parseAddress(text);
    return address !== undefined && rangeContains(range, address);
  });
}

function siteSubject(site: WebSite): Subject {
  return subject("site", site);
}

function allowSubnet({ gateway, subnet, site }: Match): FixProposal {
  const priorities = new Set(site.accessRestrictions?.rules.map(({ priority }) => priority));
  let priority = 100;
  while (priorities.has(priority)) priority++;
  return {
    summary: `Let subnet ${subnet.name} in by an access restriction of site ${site.name}.`,
    changes: [
      {
        action: "add",
        ...restrictionList(site),
        value: {
          name: `allow-${gateway.name}`.slice(0, 32),
          priority,
          action: "Allow",
          vnetSubnetResourceId: subnet.id,
          tag: "Default",
        },
      },
    ],
    sideEffects: [
      `Everything in subnet ${listed([subnet.name])}, which only gateways use, may call the site.`,
    ],
  };
}

/** The restrictions stand in the site itself, or in its configuration where that was exported apart. */
function restrictionList({ id, source }: WebSite): { resourceId: string; list: string } {
  const inSite = Array.isArray(source.object("siteConfig")?.peek("ipSecurityRestrictions"));
  return inSite
    ? { resourceId: id, list: "siteConfig/ipSecurityRestrictions" }
    : { resourceId: `${id}/config/web`, list: "ipSecurityRestrictions" };
}
