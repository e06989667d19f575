/**
 * Commands are printed for people to paste; the names in them come from documents that may be hostile. Everything that
 * is not plainly harmless is quoted, and nothing that could end the line survives.
 */

/** One POSIX shell word. */
export function quoteShell(text: string): string {
  const line = oneLine(text);
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(line) ? line : `'${line.replaceAll("'", "'\\''")}'`;
}

/** One PowerShell word; curly quotes count as quotes there too. */
export function quotePowerShell(text: string): string {
  const line = oneLine(text);
  return /^[A-Za-z0-9_./:-]+$/.test(line)
    ? line
    : `'${line.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "");
}
