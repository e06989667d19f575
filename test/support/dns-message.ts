/**
 * Writes DNS messages for tests: any of them, right or wrong, by hand and apart from the code under test. Names may
 * hold a pointer as their last part: `["www", 12]` is the label `www` and a pointer to byte 12.
 */
export type TestName = string | readonly (string | number)[];

export interface TestRecord {
  readonly name: TestName;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly data: Uint8Array;
}

export interface TestMessage {
  readonly id: number;
  readonly flags?: number;
  readonly rcode?: number;
  readonly questions?: readonly { readonly name: TestName; readonly type: number; readonly class?: number }[];
  readonly answers?: readonly TestRecord[];
  readonly authorities?: readonly TestRecord[];
  readonly additionals?: readonly TestRecord[];
}

export const flag = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursion: 0x0180,
} as const;

export function writeMessage(message: TestMessage): Uint8Array {
  const { questions = [], answers = [], authorities = [], additionals = [] } = message;
  const head = [
    message.id,
    (message.flags ?? flag.response | flag.recursion) | (message.rcode ?? 0),
    questions.length,
    answers.length,
    authorities.length,
    additionals.length,
  ];
  return Uint8Array.from([
    ...head.flatMap(uint16),
    ...questions.flatMap((q) => [...writeName(q.name), ...uint16(q.type), ...uint16(q.class ?? 1)]),
    ...[...answers, ...authorities, ...additionals].flatMap(writeRecord),
  ]);
}

export function writeName(name: TestName): number[] {
  const parts = typeof name === "string" ? name.split(".").filter((label) => label !== "") : name;
  const bytes = parts.flatMap((part) =>
    typeof part === "number" ? uint16(0xc000 + part) : [part.length, ...Buffer.from(part, "latin1")],
  );
  return typeof parts.at(-1) === "number" ? bytes : [...bytes, 0];
}

export function a(name: TestName, address: string, ttl = 60): TestRecord {
  return { name, type: 1, ttl, data: Uint8Array.from(address.split(".").map(Number)) };
}

/** `groups`: all eight, in hexadecimal. */
export function aaaa(name: TestName, groups: string, ttl = 60): TestRecord {
  return {
    name,
    type: 28,
    ttl,
    data: Uint8Array.from(groups.split(":").flatMap((group) => uint16(Number.parseInt(group, 16)))),
  };
}

export function cname(name: TestName, target: TestName, ttl = 60): TestRecord {
  return { name, type: 5, ttl, data: Uint8Array.from(writeName(target)) };
}

function writeRecord(record: TestRecord): number[] {
  return [
    ...writeName(record.name),
    ...uint16(record.type),
    ...uint16(record.class ?? 1),
    ...uint16(Math.floor((record.ttl ?? 0) / 0x1_0000)),
    ...uint16((record.ttl ?? 0) % 0x1_0000),
    ...uint16(record.data.length),
    ...record.data,
  ];
}

function uint16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}
