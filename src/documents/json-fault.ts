/** The place of the first fault in a text that is no JSON, and what should stand there. 1-based. */
export interface JsonFault {
  readonly expected: string;
  readonly line: number;
  readonly column: number;
}

/** Error names of `jsonc-parser` → what was expected, as the end of "expected …". */
const expectations: Readonly<Record<string, string>> = {
  CloseBraceExpected: "a comma and another property, or `}`",
  CloseBracketExpected: "a comma and another element, or `]`",
  ColonExpected: "`:` behind the property name",
  CommaExpected: "a comma",
  EndOfFileExpected: "nothing more behind the end of the JSON value",
  InvalidCharacter: "no control character inside a text; write it as an escape such as `\\n`",
  InvalidCommentToken: "no comment: JSON has none",
  InvalidEscapeCharacter: 'one of the escapes `\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`',
  InvalidNumberFormat: "a number such as `-12.5`",
  InvalidSymbol: "a value: a text or name in double quotes, a number, `{`, `[`, `true`, `false` or `null`",
  InvalidUnicode: "four hexadecimal digits behind `\\u`",
  PropertyNameExpected: "a property name in double quotes",
  UnexpectedEndOfComment: "no comment: JSON has none",
  UnexpectedEndOfNumber: "digits to complete the number",
  UnexpectedEndOfString: '`"` at the end of the text',
  ValueExpected: "a value: a text in double quotes, a number, `{`, `[`, `true`, `false` or `null`",
};

/** Finds the first fault. `jsonc-parser` is loaded only now: a good document never needs it. */
export async function locateFault(text: string): Promise<JsonFault> {
  const { printParseErrorCode, visit } = await import("jsonc-parser");
  let found: { name: string; offset: number } | undefined;
  visit(
    text,
    {
      onError: (code, offset) => {
        if (found === undefined || offset < found.offset) found = { name: printParseErrorCode(code), offset };
      },
    },
    { disallowComments: true, allowTrailingComma: false },
  );
  const { name, offset } = (found as { name: string; offset: number } | undefined) ?? {
    name: "ValueExpected",
    offset: text.length,
  };
  return { expected: expectations[name] ?? "valid JSON", ...placeOf(text, offset) };
}

/** 1-based line and column of an offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}
