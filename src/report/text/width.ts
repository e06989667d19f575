/** Columns a text takes on a terminal: combining marks take none, East Asian wide characters and emoji two. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

function columnsOfCharacter(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** The wide ranges of Unicode's East Asian Width that names are written in. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Spaces at which no line ends: between a number and its unit, and before the number of a port. */
const tied = /(?<=\d) (?=(?:ms|s|min|h|MiB)\b)|(?<=\bport) (?=\d)/g;

/**
 * Lines of at most `columns`, broken at spaces; a word that is longer (an id, a pointer) is broken after a slash, a
 * dot or a dash where there is one.
 */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.replace(tied, "\u00a0").split(/ +/);
  for (const word of words.filter((one) => one !== "").map((one) => one.replaceAll("\u00a0", " "))) {
    if (line !== "" && columnsOf(line) + 1 + columnsOf(word) <= columns) {
      line = `${line} ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = columnsOf(word) <= columns ? [word] : pieced(word, columns);
    line = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

function pieced(word: string, columns: number): string[] {
  const pieces: string[] = [];
  let rest = [...word];
  while (columnsOf(rest.join("")) > columns) {
    const fits = fitting(rest, columns);
    const head = rest.slice(0, fits).join("");
    const breakAt = Math.max(...["/", ".", "-", ",", "#"].map((mark) => head.lastIndexOf(mark)));
    const cut = breakAt >= head.length / 2 ? [...head.slice(0, breakAt + 1)].length : fits;
    pieces.push(rest.slice(0, cut).join(""));
    rest = rest.slice(cut);
  }
  return [...pieces, rest.join("")];
}

/** How many of the characters fit, at least one. */
function fitting(characters: readonly string[], columns: number): number {
  let used = 0;
  let count = 0;
  for (const character of characters) {
    used += columnsOf(character);
    if (used > columns) break;
    count++;
  }
  return Math.max(count, 1);
}
