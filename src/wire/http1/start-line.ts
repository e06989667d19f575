import type { WireFault } from "./fault.ts";

/** The first line of a message, read byte by byte. */
export interface StartLine {
  readonly done: boolean;
  readonly fault: WireFault | undefined;
  /** Nothing of the line itself has come yet. */
  readonly blank: boolean;
  /** `origin`: the message offset from which the marks count. */
  start(origin: number): void;
  /** `base`: the message offset of `buffer[0]`. Returns the index after the last byte looked at. */
  scan(buffer: Uint8Array, from: number, to: number, base: number): number;
}
