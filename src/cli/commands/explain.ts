import { catalogue } from "../catalogue/entries.ts";
import { entryJson } from "../catalogue/entry-json.ts";
import { entryMarkdown } from "../catalogue/entry-markdown.ts";
import { candidatesText, entryText } from "../catalogue/entry-text.ts";
import { type Candidate, candidatesFor, idsLike } from "../catalogue/search.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { textStyleFor } from "../terminal.ts";
import { writeOut } from "../write-out.ts";

/** `causeway explain CAUSE` and `causeway explain "what Azure says"` */
export async function explain(args: Arguments, io: Io): Promise<number> {
  const words = args.positionals.join(" ").trim();
  if (words === "") {
    throw new UsageError(
      "nothing to explain: give a cause or the words of a message; causeway causes lists them",
    );
  }
  const entry = catalogue().find(({ id }) => id === words.toLowerCase());
  if (entry !== undefined) {
    await writeOut(
      {
        json: () => `${JSON.stringify(entryJson(entry), null, 2)}\n`,
        markdown: () => entryMarkdown(entry, 1),
        text: () => entryText(entry, textStyleFor(io, args)),
      }[formatOf(args)](),
      args,
      io,
    );
    return exitCodes.fine.code;
  }
  const candidates = looksLikeId(words) && idsLike(words).length > 0 ? [] : candidatesFor(words);
  if (candidates.length === 0) throw new UsageError(nothingFits(words));
  await writeOut(candidatesIn(formatOf(args), candidates, args, io), args, io);
  return exitCodes.fine.code;
}

function candidatesIn(format: Format, candidates: readonly Candidate[], args: Arguments, io: Io): string {
  const entries = candidates.map(({ entry }) => entry);
  switch (format) {
    case "json":
      return `${JSON.stringify(entries.map(entryJson), null, 2)}\n`;
    case "markdown":
      return entries.map((entry) => `- \`${entry.id}\`: ${entry.title}\n`).join("");
    case "text":
      return candidatesText(candidates, textStyleFor(io, args));
  }
}

type Format = "text" | "json" | "markdown";

function formatOf(args: Arguments): Format {
  return (args.text("format") as Format | undefined) ?? "text";
}

/** A word with dashes is meant as an id: a misspelt one gets a suggestion rather than a search. */
function looksLikeId(words: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)+$/i.test(words);
}

function nothingFits(words: string): string {
  const near = idsLike(words);
  const short = words.length > 60 ? `${words.slice(0, 57)}...` : words;
  return near.length > 0
    ? `there is no cause "${short}"; did you mean ${near.join(" or ")}?`
    : `no cause fits "${short}"; causeway causes lists all of them`;
}
