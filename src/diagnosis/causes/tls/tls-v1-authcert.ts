import { type ReadCertificate, readCertificate } from "../../../health/certificates/certificate.ts";
import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { evidence, groupedBy, listed, seenEvidence, serverNames, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attached, isValidAt } from "./attached-roots.ts";
import { trustTrials } from "./known-certificates.ts";
import { foundReported, type ReportFacets, reportEvidence, reported, type Sighting } from "./reported.ts";
import { onlyFault } from "./seen-faults.ts";
import { unreadableTrust } from "./unreadable-trust.ts";
import { uploadAndAttach } from "./upload-certificate.ts";

interface Match {
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly why: "differs" | "none" | "expired";
  readonly seen: readonly Evidence[];
  readonly gateway: Gateway;
  /** What the servers send, each once. */
  readonly sent: readonly ReadCertificate[];
}

const leavesUploaded = 5;

type Reads = ReportFacets & Pick<Facets, "wiring" | "certificates" | "clock">;

export default defineCause({
  id: "tls-v1-authcert",
  title: "Server's present certificate is unknown to the v1 gateway",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "wiring", "health", "plans", "services", "live", "certificates", "clock"],
  explainedBy: wrongServerCauses,
  about: `A v1 gateway trusts a server only when the very certificate the server presents was uploaded as authentication
certificate and attached to the setting; no chain is followed. When the server's certificate is renewed, the uploaded copy is
the old one, and every server that has the new one is taken out. Azure's own services, App Service among them, are trusted
without it. Live evidence compares the certificate that the server really sends with those that are attached.`,
  find: (facets) => {
    const { gateway } = facets;
    if (gateway.generation !== "v1") return [];
    const sightings = reported(facets, "tls-v1-authcert").flatMap((match) => match.sightings);
    const byDocument = withoutCertificate(facets, sightings);
    const decided = new Set(byDocument.flatMap(({ affects }) => affects.servers ?? []));
    const bySight = reported(facets, "tls-v1-authcert", ({ server }) => !decided.has(server)).map(
      (match): Decision<Match> => ({
        ...foundReported(match),
        match: {
          gateway,
          setting: match.pair.setting,
          servers: match.servers,
          why: "differs",
          seen: reportEvidence(match),
          sent: leavesOf(match.sightings),
        },
      }),
    );
    return [...byDocument, ...bySight, ...unreadableTrust(facets, "v1")];
  },
  trials: (facets, failing) =>
    onlyFault(facets, failing, "not-an-authentication-certificate") === undefined
      ? []
      : trustTrials(facets, failing),
  say: ({ setting, servers, why, seen }) => {
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
        ...seen,
      ],
    };
  },
  fix: ({ gateway, setting, servers, sent }) => {
    if (sent.length > 0) return uploadAndAttach(gateway, setting, sent);
    return {
      summary: `Export the present certificate of ${serverNames(servers)} (CER), upload it as authentication certificate and attach it to backend setting ${setting.name}; keep the old one until every server has the new.`,
      changes: [],
      sideEffects: [],
    };
  },
});

/** Settings to which no certificate is attached that could be the server's today. */
function withoutCertificate(facets: Reads, sightings: readonly Sighting[]): Found<Match>[] {
  const { gateway, wiring, services, certificates, clock, health } = facets;
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
        match: {
          gateway,
          setting,
          servers,
          why,
          seen: entry === undefined ? [] : [seenEvidence(entry)],
          sent: leavesOf(sightings.filter(({ server }) => servers.includes(server))),
        },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      },
    ];
  });
}

/** What the servers send first, each certificate once. */
function leavesOf(sightings: readonly Sighting[]): readonly ReadCertificate[] {
  const read = sightings.flatMap(({ exchange }) => {
    const [first] = exchange?.observation.tls?.chain ?? [];
    return (first && readCertificate(Buffer.from(first.derBase64, "base64"))) ?? [];
  });
  return [...new Map(read.map((one) => [one.x509.fingerprint256, one])).values()].slice(0, leavesUploaded);
}
