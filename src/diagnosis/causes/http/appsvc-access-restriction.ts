import { idKey } from "../../../model/resource.ts";
import type { WebSite } from "../../../model/services.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, listed, seenEvidence, subject } from "../../statements.ts";
import { nameCauses } from "../families.ts";
import { type Admission, admission, type Caller, callerOf } from "./access-rules.ts";
import { allowCaller } from "./allow-caller.ts";

interface Match {
  readonly site: WebSite;
  readonly servers: readonly Server[];
  readonly caller: Caller;
  /** Undefined when public access is switched off altogether. */
  readonly admission: Admission | undefined;
  readonly entry: HealthEntry | undefined;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "services" | "reach" | "health" | "network">;

export default defineCause({
  id: "appsvc-access-restriction",
  title: "App Service does not admit the gateway",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "services", "reach", "health", "network"],
  explainedBy: [...nameCauses, "service-endpoint-source", "backend-down"],
  about: `The site has access restrictions, or public access is off, and neither the gateway's subnet nor its public address is
let in: the platform answers 403 to probes and requests before the application sees them. With a service endpoint for
Microsoft.Web on the gateway subnet the site sees the subnet, without one it sees the gateway's public address; a rule of the
other kind does not match. Private endpoints pass by these rules. A live 403 proves it only when it was sent from the gateway's
own subnet: anywhere else the site sees another address.`,
  find: (facets) => {
    const targets = facets.wiring.pairs.flatMap(({ servers }) =>
      servers.flatMap((server) => {
        const service = facets.services.of(server);
        return service?.kind === "app-service" && mayBeRefused(facets, server)
          ? [{ server, site: service.site }]
          : [];
      }),
    );
    const bySite = groupedBy(targets, ({ server, site }) => site?.id ?? `?${server.address}`);
    return bySite.flatMap(([, items]): Decision<Match>[] => {
      const [{ site }] = items as [(typeof items)[0]];
      return decideSite(
        facets,
        site,
        items.map(({ server }) => server),
      );
    });
  },
  say: ({ site, servers, caller, admission: decided, entry }): Statement => {
    const seen =
      caller.subnetId !== undefined
        ? "the gateway subnet"
        : `the gateway's public address ${listed(caller.addresses ?? [])}`;
    const rule = decided?.rule;
    const says =
      decided === undefined
        ? "admits nobody from public networks"
        : rule === undefined
          ? `has no access rule that admits ${seen}, and denies the rest`
          : `denies ${seen} by access rule ${rule.name}`;
    const at =
      decided === undefined
        ? site.source.at("publicNetworkAccess")
        : (rule?.source ?? site.accessRestrictions?.rules[0]?.source ?? site.source.at("siteConfig"));
    return {
      summary: `App Service ${site.name} ${says}, so ${listed([...new Set(servers.map(({ address }) => address ?? ""))])} answers 403`,
      subjects: [subject("site", site)],
      evidence: [evidence(`${site.name} ${says}`, at), ...(entry === undefined ? [] : [seenEvidence(entry)])],
    };
  },
  fix: ({ site, caller, admission: decided }): FixProposal | undefined =>
    decided === undefined
      ? {
          summary: `Give App Service ${site.name} a private endpoint in the gateway's network, or switch public access on and admit only the gateway.`,
          changes: [],
          sideEffects: [],
        }
      : allowCaller(site, caller, decided),
});

/** Not a server that was seen to give another answer than 403, and not one behind a private endpoint. */
function mayBeRefused({ health, reach }: Reads, server: Server): boolean {
  const entry = health.of(server);
  // The rules go by who asks: what is let in from elsewhere is not the gateway.
  const another = entry?.live?.vantage === "elsewhere";
  if (entry?.observation.health === "healthy") return another;
  const { received } = entry?.message ?? {};
  if (received !== undefined && received !== 403) return false;
  if (server.member.kind !== "fqdn") return false;
  return reach.of(server)?.destination.privateEndpoint === undefined && !isPrivate(reach.of(server));
}

function isPrivate(path: ReturnType<Reads["reach"]["of"]>): boolean {
  const place = path?.destination.place;
  return place !== undefined && place !== "public" && place !== "unknown";
}

function decideSite(facets: Reads, site: WebSite | undefined, servers: readonly Server[]): Decision<Match>[] {
  const { gateway, health, network, reach } = facets;
  const entry = servers
    .map((server) => health.of(server))
    .find((one) => one?.message.received === 403 && one.observation.health === "unhealthy");
  const restrictions = site?.accessRestrictions;
  const closed = /^disabled$/i.test(site?.publicNetworkAccess ?? "");
  if (site === undefined || (restrictions === undefined && !closed)) {
    return entry === undefined ? [] : [undecided(site, servers)];
  }
  const endpoint = hasPrivateEndpoint(facets, site);
  // Which way the name leads is then a question of DNS, with causes of its own.
  if (endpoint && servers.some((server) => reach.of(server)?.destination.place !== "public")) return [];
  if (closed && !endpoint && !network.listedTypes.has(endpointType)) return [endpointWanted(site, servers)];
  const caller = callerOf(gateway);
  const decided = closed || restrictions === undefined ? undefined : admission(restrictions, caller);
  if (decided?.verdict === "allowed") return [];
  if (decided?.verdict === "unknown") return [addressWanted(facets, site, servers)];
  return [
    {
      is: "found",
      key: site.name,
      match: { site, servers, caller, admission: decided, entry },
      affects: { servers },
      effect: "stops",
      basis: entry?.live?.vantage === "elsewhere" ? "observed-likely" : "configuration",
      status: 403,
    },
  ];
}

function undecided(site: WebSite | undefined, servers: readonly Server[]): Decision<Match> {
  const name = site?.name ?? servers[0]?.address ?? "";
  return {
    is: "undecided",
    needs: {
      what: `which access restrictions App Service ${name} has`,
      command: exportCommand("microsoft.web/sites", site?.id),
    },
    affects: { servers },
  };
}

const endpointType = "microsoft.network/privateendpoints";

function hasPrivateEndpoint({ network }: Reads, site: WebSite): boolean {
  return network.privateEndpoints.some(({ targetIds }) =>
    targetIds.some((id) => idKey(id) === idKey(site.id)),
  );
}

function endpointWanted(site: WebSite, servers: readonly Server[]): Decision<Match> {
  const what = `whether App Service ${site.name}, closed to public networks, has a private endpoint for the gateway`;
  return { is: "undecided", needs: { what, command: exportCommand(endpointType) }, affects: { servers } };
}

function addressWanted({ gateway }: Reads, site: WebSite, servers: readonly Server[]): Decision<Match> {
  const reference = gateway.frontendIpConfigurations
    .map(({ publicIpAddress }) => publicIpAddress)
    .find((one) => one?.target === undefined && one !== undefined);
  const subnetMissing = gateway.subnet !== undefined && gateway.subnet.target === undefined;
  return {
    is: "undecided",
    needs: {
      what: `under which address App Service ${site.name} sees the gateway`,
      command: subnetMissing
        ? exportCommand("microsoft.network/virtualnetworks")
        : exportCommand("microsoft.network/publicipaddresses", reference?.id),
    },
    affects: { servers },
  };
}
