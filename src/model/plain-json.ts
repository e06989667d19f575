/**
 * JSON as it may be shown on a terminal: what JSON itself leaves as it is, and terminals obey or reorder text by, is
 * written as its number. It means the same.
 */
export function plainJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}
