import type { WebSite } from "../../../model/services.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, poolSubject, serverNames, settingSubject, subject } from "../../statements.ts";
import { type DemandSeen, demandEvidence, demandsSeen } from "./client-certificate-seen.ts";

interface SiteMatch {
  readonly site: WebSite;
  readonly servers: readonly Server[];
}

type Match = SiteMatch | DemandSeen;

export default defineCause({
  id: "tls-client-cert-required",
  title: "Backend asks the gateway for a client certificate",
  layer: "tls",
  decidedBy: ["configuration", "live"],
  reads: ["wiring", "services", "plans", "health", "live"],
  explainedBy: ["backend-down", "appsvc-access-restriction", "service-endpoint-source"],
  about: `The backend wants the caller to prove itself with a certificate. The gateway never presents one to a backend, so the
backend ends the handshake or answers 403 or 400, to probes and to requests alike. For App Service the setting is in the
export of the site (incoming client certificates: required); of other servers live evidence tells: they ask for a certificate
in the handshake and then refuse with an alert, by closing, or with 400 or 403. Switch the
demand off on the path from the gateway, and pass what is known of the client in headers.`,
  find: ({ wiring, services, plans, health, live }) => {
    const demanded = wiring.pairs.flatMap(({ servers }) =>
      servers.flatMap((server) => {
        const service = services.of(server);
        if (service?.kind !== "app-service" || service.site === undefined) return [];
        if (
          !demandsCertificate(service.site, plans.probe(server).path.value) ||
          answersOtherwise(health, server)
        ) {
          return [];
        }
        return [{ server, site: service.site }];
      }),
    );
    const bySite = groupedBy(demanded, ({ site }) => site.id).map(([, items]): Decision<Match> => {
      const [{ site }] = items as [(typeof items)[0]];
      const servers = items.map(({ server }) => server);
      return {
        is: "found",
        key: site.name,
        match: { site, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
        // The refusal comes as an answer, after a handshake in order.
        showsAt: "http",
      };
    });
    const told = new Set(demanded.map(({ server }) => server));
    return [...bySite, ...demandsSeen({ live, health }, told).map(decisionOf)];
  },
  say: (match) => ("site" in match ? saySite(match) : saySeen(match)),
  fix: (match) => ("site" in match ? fixSite(match) : fixServer(match)),
});

function decisionOf(match: DemandSeen): Decision<Match> {
  const { pair, servers, probes, certain, first } = match;
  return {
    is: "found",
    key: pair.id,
    match,
    affects: { servers },
    effect: probes ? "stops" : "stops-requests",
    basis: certain ? "state" : "observed-likely",
    ...(first.kind === "status" && { showsAt: "http" }),
  };
}

function saySeen(match: DemandSeen): Statement {
  const { pair, servers } = match;
  return {
    summary: `${serverNames(servers)} of pool ${pair.pool.name} asks for a client certificate, which the gateway does not have, and goes no further without`,
    subjects: [poolSubject(pair.pool), settingSubject(pair.setting)],
    evidence: demandEvidence(match),
  };
}

function fixServer({ servers, first }: DemandSeen): FixProposal {
  return {
    summary: `Let ${serverNames(servers)} take connections from the gateway on port ${first.plan.port} without a client certificate (optional, or none asked for).`,
    changes: [],
    sideEffects: [
      "Whoever can reach the servers there gets through without a certificate: restrict access to the gateway's subnet, and pass on what the gateway knows of the client's certificate in headers.",
    ],
  };
}

function saySite({ site, servers }: SiteMatch): Statement {
  return {
    summary: `App Service ${site.name} requires a client certificate, which the gateway cannot present to ${serverNames(servers)}`,
    subjects: [subject("site", site)],
    evidence: [
      evidence("incoming client certificates are switched on", site.source.at("clientCertEnabled")),
      evidence("and required", site.source.at("clientCertMode")),
    ],
  };
}

function fixSite({ site }: SiteMatch): FixProposal {
  return {
    summary: `Let App Service ${site.name} accept requests without client certificate (mode Optional).`,
    changes: [{ action: "set", resourceId: site.id, path: "clientCertMode", value: "Optional" }],
    sideEffects: [
      `Whoever can reach ${site.name} gets through to the application without a certificate; it has to check callers itself, or access has to be restricted to the gateway.`,
    ],
  };
}

/** `clientCertMode` unset means required where certificates are switched on. */
function demandsCertificate({ source }: WebSite, path = "/"): boolean {
  if (source.boolean("clientCertEnabled") !== true) return false;
  if (!/^required$/i.test(source.text("clientCertMode") ?? "Required")) return false;
  const excluded = (source.text("clientCertExclusionPaths") ?? "").split(/[;,]/).map((one) => one.trim());
  return !excluded.some((prefix) => prefix !== "" && path.toLowerCase().startsWith(prefix.toLowerCase()));
}

/** A refusal is 403 or 400; any other answer shows that the demand is not what stops it. */
function answersOtherwise(health: Facets["health"], server: Server): boolean {
  const entry = health.of(server);
  if (entry === undefined) return false;
  const { received } = entry.message;
  return (
    entry.observation.health === "healthy" || (received !== undefined && received !== 403 && received !== 400)
  );
}
