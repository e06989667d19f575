import fc from "fast-check";

/** One small damage to a message. */
interface Mutation {
  readonly at: number;
  readonly kind: "replace" | "insert" | "delete" | "double";
  readonly byte: number;
}

const awkward = [0, 9, 10, 13, 32, 43, 44, 45, 48, 49, 58, 59, 127, 128, 255];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("replace", "insert", "delete", "double"),
  byte: fc.oneof(fc.constantFrom(...awkward), fc.nat(255)),
});

function mutated(message: Buffer, mutations: readonly Mutation[]): Buffer {
  let bytes = [...message];
  for (const { at, kind, byte } of mutations) {
    const place = at % (bytes.length + 1);
    if (kind === "double") bytes = [...bytes.slice(0, place), ...bytes];
    else bytes.splice(place, kind === "insert" ? 0 : 1, ...(kind === "delete" ? [] : [byte]));
  }
  return Buffer.from(bytes);
}

/** One of the messages, damaged in one place or several. */
export function damaged(messages: readonly Buffer[], most: number): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...messages), fc.array(mutation, { minLength: 1, maxLength: most }))
    .map(([message, mutations]) => mutated(message, mutations));
}
