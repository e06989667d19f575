import { lookup } from "node:dns/promises";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";

/** What this machine's resolver says, or the name of its failure, e.g. `ENOTFOUND`. */
export type SystemResult =
  | { readonly addresses: readonly string[] }
  | { readonly failed: string }
  /** It said nothing in time. */
  | { readonly failed: undefined };

export type SystemLookup = (name: string) => Promise<SystemResult>;

/** getaddrinfo(3): with the hosts file, search domains and whatever else this machine has been taught. */
export const systemLookup: SystemLookup = async (name) => {
  try {
    const found = await lookup(name, { all: true, order: "verbatim" });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { failed: errnoOf(error) };
  }
};

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
