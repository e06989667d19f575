/**
 * The fields of an access-log row that are read, and the names they go by (logs-and-metrics.md §2, §3, §7). Names compare
 * without regard to case; Log Analytics adds the type to the name (`httpStatus_d`), which is taken off again.
 */
export const F = {
  timeStamp: 0,
  time: 1,
  timeGenerated: 2,
  resourceId: 3,
  ownResourceId: 4,
  category: 5,
  operationName: 6,
  table: 7,
  instanceId: 8,
  clientIp: 9,
  httpMethod: 10,
  originalUri: 11,
  requestUri: 12,
  requestQuery: 13,
  httpStatus: 14,
  timeTaken: 15,
  serverRouted: 16,
  serverStatus: 17,
  serverLatency: 18,
  originalHost: 19,
  host: 20,
  errorInfo: 21,
  listenerName: 22,
  ruleName: 23,
  poolName: 24,
  settingName: 25,
} as const;

export const FIELD_COUNT = 26;

/** Not a field of a row but the object that most fields stand in, in the storage and event hub forms. */
export const PROPERTIES = 99;

const NAMES: readonly (readonly [string, number])[] = [
  ["timestamp", F.timeStamp],
  ["time", F.time],
  ["timegenerated", F.timeGenerated],
  ["resourceid", F.resourceId],
  ["_resourceid", F.ownResourceId],
  ["category", F.category],
  ["operationname", F.operationName],
  ["type", F.table],
  ["instanceid", F.instanceId],
  ["clientip", F.clientIp],
  ["httpmethod", F.httpMethod],
  ["originalrequesturiwithargs", F.originalUri],
  ["requesturi", F.requestUri],
  ["requestquery", F.requestQuery],
  ["httpstatus", F.httpStatus],
  ["timetaken", F.timeTaken],
  ["serverrouted", F.serverRouted],
  ["serverstatus", F.serverStatus],
  ["serverresponselatency", F.serverLatency],
  ["originalhost", F.originalHost],
  ["host", F.host],
  ["error_info", F.errorInfo],
  ["errorinfo", F.errorInfo],
  ["listenername", F.listenerName],
  ["rulename", F.ruleName],
  ["backendpoolname", F.poolName],
  ["backendsettingname", F.settingName],
];

const TYPE_SUFFIXES = ["", "_s", "_d", "_b", "_g", "_t"];

const FIELD_OF = new Map<string, number>([["properties", PROPERTIES]]);
for (const [name, field] of NAMES) for (const suffix of TYPE_SUFFIXES) FIELD_OF.set(name + suffix, field);

/** The field a key or column stands for, or -1. ASCII case only: other letters never fold into a field's name. */
export function fieldNamed(name: string): number {
  if (name.length > LONGEST_NAME) return -1;
  return FIELD_OF.get(name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())) ?? -1;
}

const LONGEST_NAME = 28;
const TABLE_SIZE = 1024;

/** Byte → its ASCII lower case. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

interface NameEntry {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly field: number;
}

/** Open-addressing table over the names' bytes; far from full, so that a strange key ends at the first empty slot. */
const TABLE: (NameEntry | undefined)[] = new Array(TABLE_SIZE).fill(undefined);
for (const [name, field] of FIELD_OF) {
  const bytes = Uint8Array.from(name, (letter) => letter.charCodeAt(0));
  const hash = nameHash(bytes, 0, bytes.length);
  let slot = hash & (TABLE_SIZE - 1);
  while (TABLE[slot] !== undefined) slot = (slot + 1) & (TABLE_SIZE - 1);
  TABLE[slot] = { hash, bytes, field };
}

/** Blind to ASCII case. Length and four letters tell all but a few names apart; the rest is left to `sameName`. */
function nameHash(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const first = LOWER[bytes[start] as number] as number;
  const middle = LOWER[bytes[start + (length >> 1)] as number] as number;
  const third = LOWER[bytes[start + (length >> 2)] as number] as number;
  const last = LOWER[bytes[end - 1] as number] as number;
  const hash = Math.imul(length | (first << 8) | (middle << 16) | (last << 24), 0x9e3779b1) ^ (third * 0x85);
  return hash ^ (hash >>> 15);
}

/** As `fieldNamed`, for the name's bytes. */
export function fieldOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > LONGEST_NAME) return -1;
  const hash = nameHash(bytes, start, end);
  let slot = hash & (TABLE_SIZE - 1);
  for (;;) {
    const entry = TABLE[slot];
    if (entry === undefined) return -1;
    if (entry.hash === hash && sameName(entry.bytes, bytes, start, end)) return entry.field;
    slot = (slot + 1) & (TABLE_SIZE - 1);
  }
}

function sameName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== LOWER[bytes[start + i] as number]) return false;
  return true;
}

/** The cells of one row, whatever its notation. Unset, null and empty are the same. */
export interface RowFields {
  /** Cleaned (`cleanText`); "" when unset. */
  text(field: number): string;
  /** As written, of any length, not kept. For texts that are only searched: queries carry secrets. */
  raw(field: number): string;
  /** Cleaned path without query, fragment, path parameters and authority; "" when unset. */
  path(field: number): string;
  /** NaN when unset or not one decimal number. */
  number(field: number): number;
  /** Epoch milliseconds; NaN when unset or not a time. */
  timeMs(field: number): number;
  /** Whether the field is exactly this ASCII text. */
  is(field: number, text: string): boolean;
}
