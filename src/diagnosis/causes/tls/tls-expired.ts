import type { JudgedCertificate } from "../../../health/certificates/faults.ts";
import type { BackendSetting, Certificate, Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, listed, poolSubject, settingSubject, subject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attachRoots, checkedSettings, isValidAt, unusedRoots } from "./attached-roots.ts";
import { certificateWords, periodWords, positionWords } from "./chain-words.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";
import { onlyFault } from "./seen-faults.ts";

type Match =
  | (Reported & { readonly kind: "server" })
  | {
      readonly kind: "root";
      readonly gateway: Gateway;
      readonly setting: BackendSetting;
      readonly roots: readonly Certificate[];
      readonly until: readonly string[];
      readonly ahead: boolean;
      /** A root of the same name that is valid and attached to nothing. */
      readonly successor: Certificate | undefined;
    };

type Reads = Pick<Facets, "gateway" | "wiring" | "certificates" | "clock">;

const warnAheadMs = 30 * 86_400_000;

export default defineCause({
  id: "tls-expired",
  title: "Certificate is outside its period of validity",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "wiring", "health", "plans", "services", "live", "certificates", "clock"],
  explainedBy: wrongServerCauses,
  about: `A certificate on the way from the server to the trusted root has expired or is not valid yet: the server's own, an
intermediate, or the root that is attached to the setting. It starts at a certain minute without any change. The server's
certificate is known from the health message or seen live, with its dates; judged as of a moment within them it would be
accepted. The dates of attached roots are in the export. Renewing a certificate on a server behind a v1 gateway also means
uploading it to the gateway anew.`,
  find: (facets) => {
    const roots = expiredRoots(facets);
    const covered = new Set(
      roots.flatMap((root) =>
        root.is === "found" && root.effect === "stops" ? (root.affects.pairs ?? []) : [],
      ),
    );
    const servers = reported(facets, "tls-expired", ({ server }) => !covered.has(server.pair)).map(
      (match): Decision<Match> => ({ ...foundReported(match), match: { ...match, kind: "server" } }),
    );
    return [...servers, ...roots];
  },
  trials: (facets, failing) => {
    const about = onlyFault(facets, failing, "expired", "not-yet-valid")?.about;
    return about === undefined ? [] : [judgedWithin(failing, about)];
  },
  say: (match) => (match.kind === "server" ? sayServer(match) : sayRoot(match)),
  fix: (match): FixProposal => {
    if (match.kind === "server") return renewOnServer(match);
    const { gateway, setting, roots, successor } = match;
    if (successor !== undefined) return attachRoots(gateway, setting, [successor]);
    return {
      summary: `Upload the successor of ${listed(roots.map(({ name }) => name))} and attach it to backend setting ${setting.name}.`,
      changes: [],
      sideEffects: [],
    };
  },
});

/** Settings of which no attached root is valid now, or none will be before long. */
function expiredRoots(facets: Reads): Decision<Match>[] {
  const { gateway, certificates, clock } = facets;
  return checkedSettings(facets).flatMap(({ setting, pairs, roots }): Decision<Match>[] => {
    const all = roots.flatMap(({ parsed }) => parsed);
    const validAt = (ms: number): boolean => all.some((one) => isValidAt(one, ms));
    const ahead = validAt(clock.nowMs);
    if (ahead && validAt(clock.nowMs + warnAheadMs)) return [];
    const subjects = new Set(all.map((one) => one.subject));
    const successor = unusedRoots(gateway, certificates, clock.nowMs + (ahead ? warnAheadMs : 0)).find(
      ({ parsed }) => parsed.some((one) => subjects.has(one.subject)),
    );
    return [
      {
        is: "found",
        key: setting.name,
        match: {
          kind: "root",
          gateway,
          setting,
          roots: roots.map(({ certificate }) => certificate),
          until: all.map(periodWords),
          ahead,
          successor: successor?.certificate,
        },
        affects: { pairs },
        effect: ahead ? "threatens" : "stops",
        basis: "configuration",
      },
    ];
  });
}

/** The same answer, judged as of a moment just inside the period. */
function judgedWithin(failing: Failing, about: JudgedCertificate): Trial {
  const { startedAtMs } = failing.observation;
  const atMs = startedAtMs > about.notAfterMs ? about.notAfterMs : about.notBeforeMs;
  return {
    what: "moment of judging",
    from: momentWords(startedAtMs),
    to: momentWords(atMs),
    plan: failing.plan,
    reckoning: { atMs },
    proof: "later",
    risk: "safe",
    costMs: 0,
  };
}

function momentWords(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function sayServer(match: Reported): Statement {
  const { seen, exchange } = match.first;
  const about = seen?.fault?.about;
  const which = certificateWords(seen?.fault, exchange);
  const summary =
    about === undefined || which === undefined
      ? `A certificate in the chain sent by ${presenters(match)} is outside its period of validity`
      : `The ${positionWords(seen?.fault?.position)} ${which} of ${presenters(match)} ${seen?.fault?.kind === "expired" ? "has expired" : "is not valid yet"}: it is ${periodWords(about)}`;
  return {
    summary,
    subjects: [poolSubject(match.pair.pool), settingSubject(match.pair.setting)],
    evidence: reportEvidence(match),
  };
}

function sayRoot({ setting, roots, until, ahead }: Extract<Match, { kind: "root" }>): Statement {
  const names = listed(roots.map(({ name }) => name));
  return {
    summary: `Trusted root ${names} of backend setting ${setting.name} ${ahead ? "expires within 30 days" : "is outside its period of validity"} (${listed(until)})`,
    subjects: [...roots.map((root) => subject("trustedRootCertificate", root)), settingSubject(setting)],
    evidence: roots.map((root, index) =>
      evidence(`${root.name} is ${until[index] ?? listed(until)}`, root.source.at("data")),
    ),
  };
}

function renewOnServer(match: Reported): FixProposal {
  const upload =
    match.gateway.generation === "v1"
      ? ` and upload it to the gateway as authentication certificate of ${match.pair.setting.name}`
      : "";
  return {
    summary: `Renew ${certificateWords(match.first.seen?.fault, match.first.exchange) ?? "the certificate"} on ${presenters(match)}${upload}; see to the clock of the server if the dates look right.`,
    changes: [],
    sideEffects: [],
  };
}
