import { lookup } from "node:dns/promises";
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { isShortage } from "../model/own-shortage.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";

/** What this machine's resolver says, or the name of its failure, e.g. `ENOTFOUND`. */
export type SystemResult =
  | { readonly addresses: readonly string[] }
  | { readonly failed: string }
  /** It said nothing in time. */
  | { readonly failed: undefined };

export type SystemLookup = (name: string) => Promise<SystemResult>;

/**
 * getaddrinfo(3): with the hosts file, search domains and whatever else this machine has been taught. Where this process
 * has no files left, that is the failure: nothing is said of the name.
 */
export const systemLookup: SystemLookup = async (name) => {
  try {
    const found = await lookup(name, { all: true, order: "verbatim" });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { failed: shortage() ?? errnoOf(error) };
  }
};

/** Files that getaddrinfo(3) may want to open at a time: so many names are looked up at once. */
const wantedFiles = 4;

/**
 * Why files cannot be opened now; undefined = they can. Without them getaddrinfo(3) says that there is no such name, as
 * it can read neither the hosts file nor where to ask.
 */
function shortage(): string | undefined {
  const opened: number[] = [];
  try {
    while (opened.length < wantedFiles) opened.push(openSync(devNull, "r"));
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    return isShortage(errno) ? errno : undefined;
  } finally {
    for (const file of opened) closeSync(file);
  }
}

/** Asks it for so long; it cannot be told to stop, so what it says later is dropped. */
export function lookUpWithin(
  ask: SystemLookup,
  name: string,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<SystemResult> {
  return new Promise<SystemResult>((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = (): void => {
      cancelTimer();
      reject(signal?.reason);
    };
    const finish = (result: SystemResult): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      resolve(result);
    };
    const cancelTimer = clock.after(timeoutMs, () => finish({ failed: undefined }));
    signal?.addEventListener("abort", abort, { once: true });
    ask(name).then(finish, (error) => finish({ failed: errnoOf(error) }));
  });
}
