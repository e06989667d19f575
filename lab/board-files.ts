import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Missed, scoreboardMarkdown } from "./score/markdown.ts";
import type { Scoreboard } from "./score/scoreboard.ts";

const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The committed board; undefined = there is none yet. */
export function readBoard(): Scoreboard | undefined {
  const file = place("scoreboard.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Scoreboard) : undefined;
}

export function writeBoard(board: Scoreboard): void {
  const missed = JSON.parse(readFileSync(place("missed.json"), "utf8")) as Missed;
  // A line a scenario: two people's changes seldom meet.
  const lines = Object.entries(board.scenarios).map(
    ([id, one]) => `${JSON.stringify(id)}: ${JSON.stringify(one)}`,
  );
  const json = `{"format": "${board.format}", "scenarios": {\n${lines.join(",\n")}\n}}\n`;
  writeFileSync(place("scoreboard.json"), json);
  writeFileSync(place("scoreboard.md"), scoreboardMarkdown(board, missed));
}
