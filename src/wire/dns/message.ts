import { ipv4Text, ipv6Text } from "./address-text.ts";
import { classInternet, recordTypes } from "./codes.ts";
import { type DnsFault, DnsFaultError } from "./fault.ts";
import { DnsReader } from "./reader.ts";

/** A message as received (RFC 1035 §4). Names are texts in the form of `name.ts`, in the sender's own case. */
export interface DnsMessage {
  readonly id: number;
  /** QR */
  readonly isResponse: boolean;
  readonly opcode: number;
  /** AA */
  readonly authoritative: boolean;
  /** TC: the rest did not fit; ask again over TCP (RFC 7766 §5). */
  readonly truncated: boolean;
  /** RD */
  readonly recursionDesired: boolean;
  /** RA */
  readonly recursionAvailable: boolean;
  /** With the upper bits of EDNS where they were sent (RFC 6891 §6.1.3). */
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  /** The three record sections; all empty when `truncated`, for such records are not to be used (RFC 2181 §9). */
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** Without the OPT record. */
  readonly additionals: readonly DnsRecord[];
  readonly edns: Edns | undefined;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds; a value with the top bit set counts as zero (RFC 2181 §8). */
  readonly ttl: number;
  readonly data: RecordData;
}

export type RecordData =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "alias"; readonly target: string }
  /** Any other type, or a class other than IN: not looked into. */
  | { readonly kind: "opaque"; readonly length: number };

/** What an OPT record says (RFC 6891 §6.1.3). */
export interface Edns {
  readonly udpPayloadSize: number;
  readonly version: number;
}

export type Decoded =
  | { readonly message: DnsMessage; readonly fault?: never }
  | { readonly message?: never; readonly fault: DnsFault };

/**
 * Reads one message, all of it: counts, lengths and pointers must agree with the bytes, and none may be left over. Of a
 * truncated message only header and question are read, since senders cut it anywhere. Time and memory are linear in
 * the records a message of that size can hold, each name bounded.
 */
export function decodeMessage(bytes: Uint8Array): Decoded {
  try {
    return { message: readMessage(new DnsReader(bytes)) };
  } catch (error) {
    if (error instanceof DnsFaultError) return { fault: error.fault };
    throw error;
  }
}

function readMessage(reader: DnsReader): DnsMessage {
  const id = reader.uint16();
  const flags = reader.uint16();
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()] as const;
  const truncated = (flags & 0x0200) !== 0;
  const questions = times(counts[0], () => readQuestion(reader));
  const sections: Sections = truncated
    ? { answers: [], authorities: [], additionals: [] }
    : readSections(reader, counts);
  return {
    id,
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    rcode: (flags & 0xf) + (sections.opt?.rcodeHigh ?? 0) * 16,
    questions,
    answers: sections.answers,
    authorities: sections.authorities,
    additionals: sections.additionals,
    edns: sections.opt?.edns,
  };
}

interface Sections {
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly opt?: Opt | undefined;
}

interface Opt {
  readonly edns: Edns;
  readonly rcodeHigh: number;
}

function readSections(reader: DnsReader, counts: readonly [number, number, number, number]): Sections {
  const answers = times(counts[1], () => readPlainRecord(reader));
  const authorities = times(counts[2], () => readPlainRecord(reader));
  const additionals: DnsRecord[] = [];
  let opt: Opt | undefined;
  for (let left = counts[3]; left > 0; left -= 1) {
    const at = reader.offset;
    const { record, rawTtl } = readRecord(reader);
    if (record.type !== recordTypes.OPT) {
      additionals.push(record);
      continue;
    }
    if (opt !== undefined || record.name !== ".") throw new DnsFaultError("opt", at);
    opt = {
      edns: { udpPayloadSize: record.class, version: (rawTtl >>> 16) & 0xff },
      rcodeHigh: rawTtl >>> 24,
    };
  }
  if (reader.offset !== reader.bytes.length) throw new DnsFaultError("trailing", reader.offset);
  return { answers, authorities, additionals, opt };
}

function readQuestion(reader: DnsReader): DnsQuestion {
  return { name: reader.name(), type: reader.uint16(), class: reader.uint16() };
}

function readPlainRecord(reader: DnsReader): DnsRecord {
  const at = reader.offset;
  const { record } = readRecord(reader);
  if (record.type === recordTypes.OPT) throw new DnsFaultError("opt", at);
  return record;
}

/** RFC 1035 §4.1.3. */
function readRecord(reader: DnsReader): { record: DnsRecord; rawTtl: number } {
  const name = reader.name();
  const type = reader.uint16();
  const recordClass = reader.uint16();
  const rawTtl = reader.uint32();
  const length = reader.uint16();
  const start = reader.offset;
  if (start + length > reader.bytes.length) throw new DnsFaultError("short", reader.bytes.length);
  const data = readData(reader, recordClass === classInternet ? type : undefined, length);
  if (reader.offset !== start + length) throw new DnsFaultError("data-length", start);
  const ttl = rawTtl >= 0x8000_0000 ? 0 : rawTtl;
  return { record: { name, type, class: recordClass, ttl, data }, rawTtl };
}

function readData(reader: DnsReader, type: number | undefined, length: number): RecordData {
  const start = reader.offset;
  if (type === recordTypes.A) {
    if (length !== 4) throw new DnsFaultError("data-length", start);
    return { kind: "address", address: ipv4Text(reader.take(4)) };
  }
  if (type === recordTypes.AAAA) {
    if (length !== 16) throw new DnsFaultError("data-length", start);
    return { kind: "address", address: ipv6Text(reader.take(16)) };
  }
  if (type === recordTypes.CNAME) return { kind: "alias", target: reader.name() };
  reader.take(length);
  return { kind: "opaque", length };
}

function times<T>(count: number, read: () => T): T[] {
  const all: T[] = [];
  for (let left = count; left > 0; left -= 1) all.push(read());
  return all;
}
