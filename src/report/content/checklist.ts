import { type CauseId, causeSections } from "../../diagnosis/cause-ids.ts";
import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Finding, Need } from "../../diagnosis/finding.ts";
import { isLiveOnly } from "./causes.ts";

/** One of the questions the vendor's article on 502 asks, answered from the checks of its sections. */
export interface Answer {
  readonly question: string;
  /** Passed only when something was looked at and ruled out. */
  readonly answer: "passed" | "failed" | "undecided";
  /** Roots and what they explain, among the causes asked about. */
  readonly failedBy: readonly Finding[];
  readonly risks: readonly Finding[];
  /** What was not exported, without repeats; most checks it would settle first. */
  readonly needs: readonly NeedOfChecks[];
  /** How many checks could not tell, and how many were ruled out. */
  readonly undecided: number;
  readonly ruledOut: number;
}

export interface NeedOfChecks extends Need {
  readonly checks: readonly CauseId[];
}

interface Question {
  readonly question: string;
  readonly asks: (id: CauseId, section: string) => boolean;
}

const defaultProbe = new Set<CauseId>(["probe-default-host", "probe-default-root", "probe-unattached"]);
const emptyPool = new Set<CauseId>(["pool-empty", "pathmap-default-empty"]);
const instances = new Set<CauseId>(["pool-stale-address", "pool-wrong-address", "backend-not-http"]);

/** The six headings of the vendor's 502 article, by the sections of the catalogue (causes-of-502.md §0). */
export const classicQuestions: readonly Question[] = [
  {
    question: "Network and DNS",
    asks: (id, section) => section === "C" || section === "D" || id === "dns-zone-missing",
  },
  { question: "Default probe", asks: (id) => defaultProbe.has(id) },
  { question: "Custom probe", asks: (id, section) => section === "B" && !defaultProbe.has(id) },
  { question: "Request time-out", asks: (_, section) => section === "H" },
  { question: "Empty pool", asks: (id) => emptyPool.has(id) },
  { question: "Unhealthy instances", asks: (id, section) => section === "E" || instances.has(id) },
];

/** Everything the six do not ask about. */
export const otherQuestions: readonly Question[] = [
  {
    question: "Gateway and wiring",
    asks: (id, section) => (section === "A" && !emptyPool.has(id)) || id === "listener-host-too-long",
  },
  {
    question: "TLS to the servers",
    asks: (id, section) => section === "F" || id === "tls-root-not-ca",
  },
  { question: "Answers of servers", asks: (_, section) => section === "G" },
  { question: "Capacity and upkeep", asks: (_, section) => section === "I" },
];

export function answers(diagnosis: Diagnosis, questions: readonly Question[]): Answer[] {
  return questions.map(({ question, asks }) => {
    const ids = new Set<CauseId>(
      causeSections.flatMap(({ section, ids: all }) => all.filter((id) => asks(id, section))),
    );
    return answerOf(question, ids, diagnosis);
  });
}

function answerOf(question: string, ids: ReadonlySet<CauseId>, { findings, checks }: Diagnosis): Answer {
  const found = findings.filter(({ cause }) => ids.has(cause));
  const failedBy = found.filter(({ role }) => role !== "risk");
  const asked = checks.filter(({ cause }) => ids.has(cause) && !isLiveOnly(cause));
  const open = asked.filter(({ status }) => status === "undecided");
  const ruledOut = asked.filter(({ status }) => status === "ruled-out").length;
  const needs = new Map<string, Need & { checks: CauseId[] }>();
  for (const { cause, needs: list } of open) {
    for (const need of list) {
      const known = needs.get(need.command);
      if (known === undefined) needs.set(need.command, { ...need, checks: [cause] });
      else known.checks.push(cause);
    }
  }
  return {
    question,
    answer: failedBy.length > 0 ? "failed" : open.length > 0 || ruledOut === 0 ? "undecided" : "passed",
    failedBy,
    risks: found.filter(({ role }) => role === "risk"),
    needs: [...needs.values()].sort((a, b) => b.checks.length - a.checks.length),
    undecided: open.length,
    ruledOut,
  };
}
