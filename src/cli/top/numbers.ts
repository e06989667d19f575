/** `0.3`, `12`, `4,210`, `12.3k`; a dash for what is not known. */
export function rateWords(perS: number | null): string {
  if (perS === null) return "-";
  if (perS === 0) return "0";
  if (perS < 0.1) return "<0.1";
  if (perS < 9.95) return perS.toFixed(1);
  if (perS < 9_999.5) return perS.toFixed(0);
  return perS < 999_500 ? `${(perS / 1000).toFixed(perS < 99_950 ? 1 : 0)}k` : `${(perS / 1e6).toFixed(1)}M`;
}

/** `0.4 ms`, `45 ms`, `1.2 s`, `90 s`; a dash for what is not known. */
export function timeWords(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}

/** A part of all in percent; what is little is neither nothing nor all. */
export function shareWords(part: number, all: number): string {
  if (all === 0) return "-";
  if (part === 0) return "0";
  const percent = (100 * part) / all;
  if (percent < 1) return "<1%";
  return `${part === all ? 100 : Math.min(99, Math.round(percent))}%`;
}

/** `14 s`, `3 min`, `2 h 14 min`, `3 d 4 h`. */
export function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How many, with a word in one or many. */
export function countWords(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
