import { WriteRefused } from "../../../src/wire/http1/writer.ts";

/** Why nothing was written, or what was. */
export function refusalOf(write: () => unknown): string {
  try {
    return `written: ${JSON.stringify(write())}`;
  } catch (error) {
    return error instanceof WriteRefused ? error.kind : `thrown: ${error}`;
  }
}
