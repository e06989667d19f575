const DIGIT_0 = 0x30;
/** No number or time of a log is longer. */
export const LONGEST_CELL = 64;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/**
 * The decimal number in `bytes[start, end)`, spaces around it allowed; NaN for anything else (empty, `-`, lists, hex).
 * Up to 15 digits are computed here, which is exact (both parts fit a double and one division rounds once, as `Number`
 * would); longer ones and exponents are left to `Number`.
 */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > LONGEST_CELL) return Number.NaN;
  let from = start;
  let to = end;
  while (from < to && bytes[from] === 0x20) from++;
  while (to > from && bytes[to - 1] === 0x20) to--;
  const negative = bytes[from] === 0x2d;
  let value = 0;
  let digits = 0;
  let point = -1;
  for (let at = negative ? from + 1 : from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte >= DIGIT_0 && byte <= 0x39) {
      value = value * 10 + (byte - DIGIT_0);
      digits++;
    } else if (byte === 0x2e && point < 0 && digits > 0) point = digits;
    else return generalDecimal(bytes, from, to);
  }
  if (digits === 0) return Number.NaN;
  if (digits > 15) return generalDecimal(bytes, from, to);
  const scaled = point < 0 ? value : value / (POWERS[digits - point] as number);
  return negative ? -scaled : scaled;
}

function generalDecimal(bytes: Uint8Array, start: number, end: number): number {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  if (!/^-?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}
