import type { SystemLookup } from "../probe/system-lookup.ts";

/** Everything the commands touch of the world, so that tests run them in-process. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  now(): number;
  /** Puts a file in place as a whole or not at all. */
  replaceFile(path: string, text: string): Promise<void>;
  /** Asks this machine's resolver. */
  readonly systemLookup: SystemLookup;
  /** Runs something with a signal that is aborted when the user interrupts; a second interruption ends the process. */
  interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Whenever the user interrupts from now on, until the answer is called; undefined = the process ends at once. */
  readonly onInterrupt?: ((run: () => void) => () => void) | undefined;
  /** Whenever the process is told to read its files again, until the answer is called; undefined = nobody tells. */
  readonly onHangup?: ((run: () => void) => () => void) | undefined;
  /** Takes the terminal over; undefined = there is none. */
  readonly openScreen?: ((events: ScreenEvents) => Promise<Screen | undefined>) | undefined;
}

/** What a terminal tells while it is taken over. */
export interface ScreenEvents {
  /** What was typed, as the terminal sends it: no key is obeyed by the system. */
  input(text: string): void;
  resized(): void;
  /** Nobody sits there any more. */
  gone(): void;
}

/** A whole terminal, with what was on it put aside until it is closed. */
export interface Screen {
  size(): { readonly columns: number; readonly rows: number };
  /** In place of what was there; no more lines than there are rows, none wider than there are columns. */
  draw(lines: readonly string[]): void;
  close(): void;
}

export interface OutputStream {
  readonly isTerminal: boolean;
  /** Undefined when it is no terminal. */
  readonly columns: number | undefined;
  /** Settles when the text is handed over; rejects when it cannot be; a reader that went away is not an error. */
  write(text: string): Promise<void>;
  /** Whether whoever read it has gone, so that what never ends by itself may end; undefined = never. */
  readonly isGone?: (() => boolean) | undefined;
}
