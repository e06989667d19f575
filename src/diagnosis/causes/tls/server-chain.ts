import type { CertificateCause } from "../../../health/certificates/chain-causes.ts";
import { type Cause, type CauseDefinition, type DecidedBy, defineCause } from "../../cause.ts";
import type { CauseId } from "../../cause-ids.ts";
import { poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { certificateWords } from "./chain-words.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";

interface ServerChainCause extends Pick<CauseDefinition<"gateway", Reported>, "title" | "about"> {
  readonly id: CertificateCause & CauseId;
  readonly explainedBy?: readonly CauseId[];
  /** Health and live evidence, unless told otherwise. */
  readonly decidedBy?: readonly DecidedBy[];
  /** The summary, given who sends the chain and, where it was seen, which certificate it is about. */
  readonly says: (who: string, which: string | undefined) => string;
  readonly fix: (match: Reported) => string;
}

/** Faults of the certificates on the server, known from the health message and mended on the server. */
export function defineServerChainCause({
  id,
  title,
  about,
  explainedBy,
  decidedBy = ["health", "live"],
  says,
  fix,
}: ServerChainCause): Cause {
  return defineCause({
    id,
    title,
    layer: "tls",
    decidedBy,
    showsInHealthOf: "tls-servers",
    reads: ["gateway", "health", "plans", "services", "live"],
    explainedBy: [...wrongServerCauses, ...(explainedBy ?? [])],
    about,
    find: (facets) => reported(facets, id).map((match) => foundReported(match)),
    say: (match) => ({
      summary: says(presenters(match), certificateWords(match.first.seen?.fault, match.first.exchange)),
      subjects: [poolSubject(match.pair.pool), settingSubject(match.pair.setting)],
      evidence: reportEvidence(match),
    }),
    fix: (match) => ({ summary: fix(match), changes: [], sideEffects: [] }),
  });
}
