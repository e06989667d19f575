import type { BackendSetting } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import { evidence, groupedBy, listed, serverNames, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attached, isValidAt } from "./attached-roots.ts";
import { foundReported, reportEvidence, reported } from "./reported.ts";

interface Match {
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly why: "differs" | "none" | "expired";
  readonly entry: HealthEntry | undefined;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "health" | "services" | "certificates" | "clock">;

export default defineCause({
  id: "tls-v1-authcert",
  title: "Server's present certificate is unknown to the v1 gateway",
  layer: "tls",
  decidedBy: ["health", "configuration"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "wiring", "health", "services", "certificates", "clock"],
  explainedBy: wrongServerCauses,
  about: `A v1 gateway trusts a server only when the very certificate the server presents was uploaded as authentication
certificate and attached to the setting; no chain is followed. When the server's certificate is renewed, the uploaded copy is
the old one, and every server that has the new one is taken out. Azure's own services, App Service among them, are trusted
without it.`,
  find: (facets) => {
    if (facets.gateway.generation !== "v1") return [];
    const byDocument = withoutCertificate(facets);
    const decided = new Set(byDocument.flatMap(({ affects }) => affects.servers ?? []));
    const byMessage = reported(facets, "tls-v1-authcert", ({ server }) => !decided.has(server)).map(
      (match): Decision<Match> => ({
        ...foundReported(match),
        match: {
          setting: match.pair.setting,
          servers: match.servers,
          why: "differs",
          entry: match.entry,
        },
      }),
    );
    return [...byDocument, ...byMessage];
  },
  say: ({ setting, servers, why, entry }) => {
    const names = listed(setting.authenticationCertificates.map(({ target, id }) => target?.name ?? id));
    const says = {
      differs: `is not the certificate of ${serverNames(servers)}`,
      none: `is missing, so the certificate of ${serverNames(servers)} is trusted by nothing`,
      expired: `has expired, so the certificate of ${serverNames(servers)} is another one or has expired with it`,
    }[why];
    return {
      summary: `The authentication certificate of backend setting ${setting.name} ${why === "none" ? "" : `(${names}) `}${says}`,
      subjects: [settingSubject(setting)],
      evidence: [
        evidence(
          why === "none" ? "no authentication certificate is attached" : `attached: ${names}`,
          setting.source.at("authenticationCertificates"),
        ),
        ...(entry === undefined ? [] : [reportEvidence(entry)]),
      ],
    };
  },
  fix: ({ setting, servers }) => ({
    summary: `Export the present certificate of ${serverNames(servers)} (CER), upload it as authentication certificate and attach it to backend setting ${setting.name}; keep the old one until every server has the new.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Settings to which no certificate is attached that could be the server's today. */
function withoutCertificate(facets: Reads): Found<Match>[] {
  const { wiring, services, certificates, clock, health } = facets;
  const encrypted = wiring.pairs.filter(({ setting }) => setting.protocol === "Https");
  return groupedBy(encrypted, ({ setting }) => setting.name).flatMap(([key, pairs]): Found<Match>[] => {
    const [{ setting }] = pairs as [Pair];
    const known = attached(setting.authenticationCertificates, certificates);
    if (known === undefined) return [];
    const valid = known.some(({ parsed }) => parsed.some((one) => isValidAt(one, clock.nowMs)));
    const servers = pairs
      .flatMap((pair) => pair.servers)
      .filter((server) => services.of(server) === undefined);
    if (valid || servers.length === 0) return [];
    const why = known.length === 0 ? "none" : "expired";
    const entry = servers.map((server) => health.of(server)).find((one) => one?.message.phase === "tls");
    return [
      {
        is: "found",
        key,
        match: { setting, servers, why, entry },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      },
    ];
  });
}
