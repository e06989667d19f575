import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Facets, HealthEntry } from "../../diagnosis/facets.ts";
import type { Finding, Layer } from "../../diagnosis/finding.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { Hop, NetworkPath } from "../../network/path.ts";
import type { Server } from "../../routing/routes.ts";
import { probeStage, requestStage, tlsStage } from "./drawing-probe.ts";
import { impactOf } from "./routes.ts";

/** One stop on the way from the gateway to a server. */
export interface Stage {
  readonly mark: "end" | "passes" | "stops" | "unknown";
  readonly label: string;
  readonly text: string;
}

/** The way to one server, with the stop at which a finding ends it. */
export interface Drawing {
  readonly stages: readonly Stage[];
  /** Servers of the same finding, beside the one drawn. */
  readonly others: number;
}

const drawn: ReadonlySet<Layer> = new Set(["dns", "nsg", "route", "tcp", "tls", "http", "timeout"]);

/** The way to the first server a finding affects; undefined where a way says nothing (an empty pool, the gateway itself). */
export function drawingOf(finding: Finding, diagnosis: Diagnosis): Drawing | undefined {
  if (!drawn.has(finding.layer) || finding.effect === "impairs") return undefined;
  const impact = impactOf(finding, diagnosis);
  const hit = impact.servers.length > 0 ? impact.servers : impact.routes.flatMap((route) => route.servers);
  const servers = [...new Set(hit.map(({ server }) => server))];
  const { facets } = diagnosis;
  const server = servers.find((one) => facets.reach.of(one)?.verdict === "no") ?? servers[0];
  if (server === undefined) return undefined;
  const stages = stagesTo(server, finding, facets);
  return stages === undefined ? undefined : { stages, others: servers.length - 1 };
}

function stagesTo(server: Server, finding: Finding, facets: Facets): Stage[] | undefined {
  const network = networkStages(server, finding, facets);
  if (network === undefined) return undefined;
  const stopped = network.some(({ mark }) => mark === "stops");
  return [
    { mark: "end", label: "gateway subnet", text: subnetText(facets.gateway) },
    ...nameStages(server, finding, facets),
    ...network,
    serverStage(server, facets),
    ...(stopped || finding.layer === "dns" ? [] : serverStages(server, finding, facets)),
  ];
}

function subnetText({ subnet }: Gateway): string {
  if (subnet?.target !== undefined)
    return `${subnet.target.name} ${subnet.target.addressPrefixes.join(", ")}`;
  const name = subnet?.id.split("/").at(-1) ?? "";
  return `${name} (not exported)`.trimStart();
}

/** The answer to the server's name, where it is one. */
function nameStages(server: Server, finding: Finding, facets: Facets): Stage[] {
  const answer = facets.names.of(server);
  if (answer === undefined) return [];
  const addresses = answer.addresses.join(", ");
  const unresolved =
    answer.verdict === "no" ? "does not resolve" : "(its addresses are not in the documents)";
  const said = addresses === "" ? unresolved : `resolves to ${addresses}`;
  const why = finding.layer === "dns" ? answer.steps.at(-1)?.says : undefined;
  return [
    {
      mark: finding.layer === "dns" ? "stops" : answer.verdict === "yes" ? "passes" : "unknown",
      label: "name",
      text: why === undefined ? `${answer.name} ${said}` : `${answer.name}: ${why}`,
    },
  ];
}

/** Undefined when nothing at all is known of the way and the finding lies on it. */
function networkStages(server: Server, finding: Finding, facets: Facets): Stage[] | undefined {
  if (finding.layer === "dns") return [];
  const ways = [facets.reach.of(server), facets.reach.atRequestPort(server)];
  const path = ways.find((way) => way?.verdict === "no") ?? ways[0];
  const onTheWay = finding.layer === "nsg" || finding.layer === "route";
  if (path === undefined) return onTheWay ? undefined : [];
  if (path.verdict === "no" || onTheWay) return path.hops.flatMap((hop) => hopStage(hop, path));
  const kinds = [...new Set(path.hops.flatMap((hop) => briefly[hop.kind] ?? []))];
  const all = kinds.length === 0 ? "nothing in between" : kinds.join(", ");
  return path.verdict === "yes"
    ? [{ mark: "passes", label: "network", text: `${all}: open both ways` }]
    : [{ mark: "unknown", label: "network", text: "not everything on the way was exported" }];
}

const briefly: Readonly<Record<Hop["kind"], string | undefined>> = {
  "security-group": "NSGs",
  "admin-rule": "admin rules",
  route: "routes",
  peering: "peering",
  appliance: "appliance",
  symmetry: undefined,
};

const marks = { yes: "passes", no: "stops", unknown: "unknown" } as const;

function hopStage(hop: Hop, path: NetworkPath): Stage[] {
  const stage = hopText(hop);
  if (stage === undefined) return [];
  const mark = hop === path.blocker ? "stops" : marks[hop.verdict];
  return [{ mark, ...stage }];
}

const groupPlaces = {
  "gateway-subnet-outbound": "NSG out",
  "backend-subnet-inbound": "NSG subnet in",
  "backend-nic-inbound": "NSG NIC in",
} as const;

function hopText(hop: Hop): { label: string; text: string } | undefined {
  switch (hop.kind) {
    case "security-group": {
      const { group, rule, verdict } = hop;
      const label = groupPlaces[hop.place];
      if (rule === undefined || verdict === "unknown")
        return { label, text: verdict === "yes" && group === undefined ? "none" : hop.says };
      const said = verdict === "no" ? "denies" : "allows";
      const name = group === undefined ? "effective rules" : group.name;
      return { label, text: `${name}: rule ${rule.name} (priority ${rule.priority}) ${said}` };
    }
    case "admin-rule":
      return { label: "admin rule", text: `${hop.rule.name} (priority ${hop.rule.priority})` };
    case "route": {
      const label = hop.direction === "forward" ? "route" : "route back";
      if (hop.chosenFrom === "unknown") return { label, text: "not exported" };
      const through = hop.nextHopIpAddress === undefined ? "" : ` ${hop.nextHopIpAddress}`;
      const by =
        hop.route === undefined ? hop.chosenFrom : `${hop.route.name} of ${hop.table?.name ?? "a table"}`;
      return { label, text: `${hop.prefix} to ${hop.nextHopType}${through} (${by})` };
    }
    case "peering":
      return {
        label: "peering",
        text: hop.verdict === "yes" ? (hop.peering?.name ?? hop.virtualNetwork.name) : hop.says,
      };
    case "appliance": {
      const name = `${hop.firewall?.name ?? hop.networkInterface?.name ?? ""} ${hop.address}`.trim();
      const label = hop.direction === "forward" ? "appliance" : "appliance back";
      return { label, text: hop.verdict === "yes" ? name : hop.says };
    }
    case "symmetry":
      return hop.verdict === "yes" ? undefined : { label: "reply", text: hop.says };
  }
}

function serverStage(server: Server, facets: Facets): Stage {
  const { port } = server.pair.setting;
  const name = server.address ?? "address not exported";
  const path = facets.reach.of(server);
  const owner = path?.destination.networkInterface?.name ?? path?.destination.privateEndpoint?.name;
  const at = port === undefined ? name : `${name}:${port}`;
  return { mark: "end", label: "server", text: owner === undefined ? at : `${at} (${owner})` };
}

/** What happens at the server: the connection, TLS, the probe, a request. */
function serverStages(server: Server, finding: Finding, facets: Facets): Stage[] {
  const { layer, effect } = finding;
  if (layer === "nsg" || layer === "route") return [];
  if (layer === "tcp") return [{ mark: "stops", label: "connect", text: "no TCP connection is made" }];
  const seen = facets.health.of(server);
  const connects = connectStages(seen);
  if (effect === "stops-requests" || layer === "timeout") {
    return [...connects, requestStage(facets.plans.request(server), layer)];
  }
  const plan = facets.plans.probe(server);
  if (layer === "tls") return [...connects, tlsStage(plan)];
  return [...connects, probeStage(plan, seen?.message)];
}

/** A connection is drawn only when an answer shows that there was one. */
function connectStages(seen: HealthEntry | undefined): Stage[] {
  const phase = seen?.message.phase;
  const answered = seen?.observation.health === "healthy" || phase === "tls" || phase === "http";
  if (answered) return [{ mark: "passes", label: "connect", text: "the server answers" }];
  const connected = seen?.passed.includes("tcp");
  return connected ? [{ mark: "passes", label: "connect", text: "the server takes the connection" }] : [];
}
