import { endingOfFailure } from "../../src/gateway/exchange/endings.ts";
import type { EndedBy, EndedIn } from "../../src/gateway/exchange/exchange-record.ts";
import { failureCauses } from "../../src/gateway/explain/cause-of-failure.ts";
import { endingTexts, phaseWords, whoWords } from "../../src/gateway/explain/ending-words.ts";
import type { AttemptFailure } from "../../src/model/attempt.ts";

const kinds = Object.keys(failureCauses) as AttemptFailure["kind"][];

/** docs/endings.md: every two-part code, and what a failed attempt means. */
export function endingsPage(): string {
  return [
    "# How exchanges end",
    "",
    "Every exchange of `causeway run` ends with two letters: who ended it, then in which phase (docs/gateway-phases.md). They",
    "stand in the access log (`causeway.ending`), in the metrics (`causeway_exchanges`) and in `/explain/TRANSACTION-ID`.",
    "Written by `npm run generate` from the tables that the gateway itself uses.",
    "",
    "## What failed attempts mean",
    "",
    "| Failure of the attempt | Ends with | Cause |",
    "|---|---|---|",
    ...kinds.map((kind) => `| \`${kind}\` | \`${endingOf(kind)}\` | ${causeWords(kind)} |`),
    "",
    "*By its detail*: the detail of the failure tells, or nothing does, and then there is no cause rather than a wrong one;",
    "`/explain` may still find it, with the probes of the servers as evidence. Where a name does not resolve or nothing comes back",
    "from the way to a server, and the documents hold a reason (a rule of a security group, a route, a machine that is stopped, a",
    "zone without a link), that is the cause.",
    "",
    ...Object.entries(endingTexts).flatMap(([ending, { means, client, look }]) => [
      `## \`${ending}\``,
      "",
      `${wordsOf(ending)}.`,
      "",
      means,
      "",
      `- The client got: ${lower(client)}`,
      `- Look at: ${lower(look)}`,
      "",
    ]),
  ].join("\n");
}

function endingOf(kind: AttemptFailure["kind"]): string {
  return endingOfFailure({ kind, detail: undefined, offset: undefined, nothingSent: false, stale: false });
}

function causeWords(kind: AttemptFailure["kind"]): string {
  const rule = failureCauses[kind];
  if (typeof rule === "function") return "by its detail";
  return rule === undefined ? "–" : `[\`${rule}\`](causes.md#${rule})`;
}

function wordsOf(ending: string): string {
  const [by = "-", phase = "-"] = ending;
  const who = whoWords[by as EndedBy];
  const text = phase === "-" ? who : `${who}; ${phaseWords[phase as EndedIn]}`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function lower(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) ? `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}` : sentence;
}
