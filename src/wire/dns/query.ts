import { type AddressType, classInternet, recordTypes } from "./codes.ts";
import type { DnsMessage } from "./message.ts";
import { encodeName, foldName, type NameFault } from "./name.ts";

/** A question for the addresses of a name. */
export interface AddressQuery {
  /** 0–65535, unpredictable (RFC 5452 §9.2). */
  readonly id: number;
  readonly name: string;
  readonly type: AddressType;
}

/**
 * The largest answer asked for over UDP: fits every path without fragments (DNS flag day 2020), and beyond the 512
 * bytes of RFC 1035 §4.2.1.
 */
export const udpPayloadSize = 1232;

const recursionDesired = 0x0100;

/** With or without the OPT record of EDNS (RFC 6891 §6.1), which servers from before it cannot read. */
export type Extension = "edns" | "plain";

/** A query with recursion desired (RFC 1035 §4.1), or why the name cannot be asked. */
export function encodeQuery(query: AddressQuery, extension: Extension): Uint8Array | NameFault {
  const name = encodeName(query.name);
  if (typeof name === "string") return name;
  const bytes = new Uint8Array(12 + name.length + 4 + (extension === "edns" ? 11 : 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, query.id);
  view.setUint16(2, recursionDesired);
  view.setUint16(4, 1);
  bytes.set(name, 12);
  const afterName = 12 + name.length;
  view.setUint16(afterName, recordTypes[query.type]);
  view.setUint16(afterName + 2, classInternet);
  if (extension === "plain") return bytes;
  view.setUint16(10, 1);
  // OPT: name is the root (0), then type, and the class is the buffer size; TTL and length stay zero.
  view.setUint16(afterName + 5, recordTypes.OPT);
  view.setUint16(afterName + 7, udpPayloadSize);
  return bytes;
}

/**
 * Whether a message answers the query (RFC 5452 §9.1). Servers that fail may leave the question out; an answer that
 * says all is well may not.
 */
export function answers(query: AddressQuery, message: DnsMessage): boolean {
  if (!message.isResponse || message.opcode !== 0 || message.id !== query.id) return false;
  const [question, ...more] = message.questions;
  if (question === undefined) return message.rcode !== 0 && message.answers.length === 0;
  return (
    more.length === 0 &&
    question.type === recordTypes[query.type] &&
    question.class === classInternet &&
    foldName(question.name) === foldName(query.name)
  );
}
