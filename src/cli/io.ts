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
}

export interface OutputStream {
  readonly isTerminal: boolean;
  /** Undefined when it is no terminal. */
  readonly columns: number | undefined;
  /** Settles when the text is handed over; a reader that went away is not an error. */
  write(text: string): Promise<void>;
}
