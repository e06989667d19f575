/** The page with other text between the marks of this name; throws when they are not there. */
export function between(page: string, name: string, text: string): string {
  const begin = `<!-- ${name}:begin, written by npm run generate -->`;
  const end = `<!-- ${name}:end -->`;
  const [before, rest] = page.split(begin);
  const [, after] = (rest ?? "").split(end);
  if (before === undefined || after === undefined) throw new Error(`the marks of "${name}" are gone`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
