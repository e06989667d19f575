import { catalogue } from "../catalogue/entries.ts";
import { entryJson } from "../catalogue/entry-json.ts";
import { listMarkdown } from "../catalogue/entry-markdown.ts";
import { listText } from "../catalogue/entry-text.ts";
import { matching } from "../catalogue/search.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { textStyleFor } from "../terminal.ts";
import { writeOut } from "../write-out.ts";

/** `causeway causes [WORDS]` */
export async function listCauses(args: Arguments, io: Io): Promise<number> {
  const words = args.positionals.join(" ");
  const wanted = words === "" ? undefined : new Set(matching(words).map(({ id }) => id));
  const entries = catalogue().filter(({ id }) => wanted?.has(id) ?? true);
  if (entries.length === 0) {
    throw new UsageError(`no cause fits "${words.slice(0, 60)}"; causeway causes lists all of them`);
  }
  const format = args.text("format");
  const text =
    format === "json"
      ? `${JSON.stringify(entries.map(entryJson), null, 2)}\n`
      : format === "markdown"
        ? listMarkdown(entries)
        : listText(entries, textStyleFor(io, args), args.flag("quiet"));
  await writeOut(text, args, io);
  return exitCodes.fine.code;
}
