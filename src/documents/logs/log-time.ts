import { LONGEST_CELL } from "./decimal.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * A time as Azure writes it, in epoch milliseconds; NaN when it is none. ISO 8601 with `T` or a space, any fraction, `Z`,
 * an offset, or nothing (Azure's own times are UTC); and the portal's CSV form `1/10/2026, 10:00:00.123 AM`.
 */
export function logTimeMs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > LONGEST_CELL) return Number.NaN;
  if (bytes[start + 4] !== 0x2d) return portalTimeMs(bytes, start, end);
  return end - start < 19 ? Number.NaN : isoTimeMs(bytes, start, end);
}

function isoTimeMs(bytes: Uint8Array, start: number, end: number): number {
  const separator = bytes[start + 10];
  if (bytes[start + 7] !== 0x2d || (separator !== 0x54 && separator !== 0x20)) return Number.NaN;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return Number.NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const day = dayNumber(year, two(bytes, start + 5), two(bytes, start + 8));
  const clock = clockMs(two(bytes, start + 11), two(bytes, start + 14), two(bytes, start + 17));
  let at = start + 19;
  let fraction = 0;
  if (at < end && bytes[at] === 0x2e) {
    let scale = 100;
    for (at++; at < end && isDigit(bytes[at] as number); at++) {
      fraction += ((bytes[at] as number) - 0x30) * scale;
      scale = scale > 1 ? scale / 10 : 0;
    }
  }
  return day * DAY_MS + clock + fraction - offsetMs(bytes, at, end);
}

/** `Z`, `+hh:mm`, `+hhmm` or nothing; NaN for anything else. */
function offsetMs(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0;
  const sign = bytes[at] as number;
  if (sign === 0x5a || sign === 0x7a) return end === at + 1 ? 0 : Number.NaN;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const colon = bytes[at + 3] === 0x3a ? 1 : 0;
  if (end !== at + 5 + colon) return Number.NaN;
  const minutes = two(bytes, at + 1) * 60 + two(bytes, at + 3 + colon);
  return (sign === 0x2d ? -minutes : minutes) * MINUTE_MS;
}

/** Month first, as the portal writes it under an English locale. */
function portalTimeMs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 16 || end - start > 40 || !isDigit(bytes[start] as number)) return Number.NaN;
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  const found =
    /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?: ([AP])M)?$/i.exec(text);
  if (found === null) return Number.NaN;
  const [, month, day, year, hour, minute, second, fraction = "", half] = found;
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === "P" ? 12 : 0);
  const date = dayNumber(Number(year), Number(month), Number(day)) * DAY_MS;
  return date + clockMs(hours, Number(minute), Number(second)) + Number(`${fraction}000`.slice(0, 3));
}

function clockMs(hour: number, minute: number, second: number): number {
  if (!(hour < 24 && minute < 60 && second <= 60)) return Number.NaN; // 60: a leap second
  return (hour * 3600 + minute * 60 + second) * 1000;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar; NaN when there is no such date. */
function dayNumber(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  const shifted = month > 2 ? year : year - 1; // years that begin in March: the leap day comes last
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Two digits as a number; NaN when they are not digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] as number;
  const ones = bytes[at + 1] as number;
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + (ones - 0x30) : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
