import type { Observations } from "../model/observations.ts";
import type { ResourceRecord } from "../model/resource.ts";

/** Everything that was read: the configuration, what was seen, and what became of each document. */
export interface DocumentSet {
  readonly records: readonly ResourceRecord[];
  /** Lower-case resource types of which a list was among the documents. */
  readonly listedTypes: ReadonlySet<string>;
  readonly observations: Observations;
  /** One entry for every input, in the order of reading. */
  readonly documents: readonly DocumentNote[];
  /** Inputs that could not be read as what they are. The others were read all the same. */
  readonly failures: readonly DocumentFailure[];
}

export interface DocumentNote {
  /** As the user named it. */
  readonly path: string;
  /** What it is, in a few words: `network security group`, `access log`, `ARM template`. */
  readonly kind: string;
  readonly used: boolean;
  /** What was taken from it, or why nothing was. Never empty, never holds a setting's value. */
  readonly note: string;
}

export interface DocumentFailure {
  readonly path: string;
  /** 1-based; absent when the fault has no place in the text. */
  readonly line?: number;
  readonly column?: number;
  /** What should have stood there, in plain words. */
  readonly expected: string;
  /** One sentence with the place and what to do. */
  readonly message: string;
}

/** One input. Opened at most once. */
export interface DocumentInput {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

/** Thrown by the steps of reading one document; becomes a `DocumentFailure`, and the next document is read. */
export class UnreadableDocument extends Error {
  readonly expected: string;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, expected: string, place?: { line: number; column: number }) {
    super(message);
    this.expected = expected;
    this.line = place?.line;
    this.column = place?.column;
  }
}
