/** IPv4 ranges as numbers, enough to lay out a network. */
export interface Range {
  readonly first: number;
  readonly length: number;
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}

export function rangeText({ first, length }: Range): string {
  return `${addressText(first)}/${length}`;
}

export function rangeOf(text: string): Range {
  const [address = "", length = "32"] = text.split("/");
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first, length: Number(length) };
}

export function halvesOf({ first, length }: Range): [Range, Range] {
  return [
    { first, length: length + 1 },
    { first: first + 2 ** (31 - length), length: length + 1 },
  ];
}
