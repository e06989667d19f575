/** Why bytes are no DNS message. */
export type DnsFaultKind =
  /** The message ends inside a field. */
  | "short"
  /** A label type that was never assigned or is retired (RFC 6891 §5). */
  | "label-type"
  /** A compression pointer that does not point backwards, or too many in one name (RFC 1035 §4.1.4). */
  | "pointer"
  /** More than 255 bytes (RFC 1035 §2.3.4). */
  | "name-too-long"
  /** The data of a record is not as long as its type or its length field says. */
  | "data-length"
  /** An OPT record outside the additional section, with a name, or a second one (RFC 6891 §6.1.1). */
  | "opt"
  /** Bytes after the last record. */
  | "trailing";

/** Where in the message reading ended, in bytes from its start. */
export interface DnsFault {
  readonly kind: DnsFaultKind;
  readonly offset: number;
}

/** Carries a fault out of nested reads; never leaves this folder. */
export class DnsFaultError extends Error {
  readonly fault: DnsFault;

  constructor(kind: DnsFaultKind, offset: number) {
    super(`${kind} at byte ${offset}`);
    this.fault = { kind, offset };
  }
}
