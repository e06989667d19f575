import { type FileHandle, open } from "node:fs/promises";

/** A file that batches are appended to, and that can be opened anew after somebody moved it away. */
export class LogFile {
  readonly #path: string;
  #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Rejects as `open` does. Only its owner can read it: rows hold what clients asked for. */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(path, await openAppending(path));
  }

  /** Appends all of it. One at a time. */
  async write(batch: Buffer): Promise<void> {
    let at = 0;
    while (at < batch.length) at += (await this.#file.write(batch, at)).bytesWritten;
  }

  /** The old file stays in use when the new one cannot be opened. */
  async reopen(): Promise<void> {
    const fresh = await openAppending(this.#path);
    const old = this.#file;
    this.#file = fresh;
    await old.close();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function openAppending(path: string): Promise<FileHandle> {
  return open(path, "a", 0o600);
}
