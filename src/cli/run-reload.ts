import { changesBetween } from "../gateway/config/changes.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { ConfigurationReader, RunConfiguration } from "./run-configuration.ts";
import { orUsage, UnreadableDocuments } from "./run-configuration.ts";
import { say } from "./write-out.ts";

/** What came of reading the files again. */
export type ReloadOutcome =
  | { readonly kind: "served"; readonly changes: readonly string[] }
  /** `documents`: they cannot be served; `machine`: this machine, or a run that is ending, does not let it. */
  | {
      readonly kind: "refused";
      readonly for: "documents" | "machine";
      readonly why: string;
      /** Instead of `why` on standard error, where it stands already. */
      readonly inShort?: string;
    };

/** What a reload does it to. */
export interface Reloadable {
  readonly configuration: RunConfiguration;
  /** As of `RunGateway.reload`. */
  reload(next: RunConfiguration): Promise<void>;
}

export interface ReloaderOptions {
  readonly reader: Pick<ConfigurationReader, "read">;
  readonly gateway: Reloadable;
  /** Opens the access log anew. */
  readonly reopenLog: () => Promise<void>;
  /** Another configuration is served. */
  readonly onServed: (next: RunConfiguration) => Promise<void>;
  readonly io: Io;
}

/** Reads the files again and serves what they say: one reload at a time, whoever wants it. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #last: Promise<unknown> = Promise.resolve();
  /** One that has not begun: whoever wants one now shares it. */
  #waiting: Promise<ReloadOutcome> | undefined;
  #ended = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** Never rejects. What came of it has been said. */
  reload(): Promise<ReloadOutcome> {
    if (this.#waiting !== undefined) return this.#waiting;
    const turn = this.#last.then(() => {
      this.#waiting = undefined;
      return this.#once();
    });
    this.#waiting = turn;
    this.#last = turn;
    return turn;
  }

  /** No more; resolves when none is under way. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
  }

  async #once(): Promise<ReloadOutcome> {
    if (this.#ended) return { kind: "refused", for: "machine", why: "the run is ending" };
    const { io } = this.#options;
    await this.#reopenLog();
    const outcome = await this.#tried();
    if (outcome.kind === "refused") {
      await say(io, `causeway: ${outcome.inShort ?? outcome.why}; the old configuration goes on`);
      return outcome;
    }
    await say(io, `causeway: the new configuration is served: ${changeWords(outcome.changes)}`);
    return outcome;
  }

  async #tried(): Promise<ReloadOutcome> {
    const { reader, gateway, onServed } = this.#options;
    let next: RunConfiguration;
    try {
      next = await reader.read();
    } catch (error) {
      const why = messageOf(error);
      return error instanceof UnreadableDocuments
        ? { kind: "refused", for: "documents", why, inShort: "the documents cannot be read" }
        : { kind: "refused", for: "documents", why };
    }
    try {
      const before = gateway.configuration.prepared;
      await orUsage(gateway.reload(next));
      await onServed(next);
      return { kind: "served", changes: changesBetween(before, next.prepared) };
    } catch (error) {
      return { kind: "refused", for: "machine", why: messageOf(error) };
    }
  }

  async #reopenLog(): Promise<void> {
    const { reopenLog, io } = this.#options;
    try {
      await reopenLog();
    } catch (error) {
      await say(io, `causeway: the access log is not opened anew: ${messageOf(error)}; the old file goes on`);
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

/** So many are said; the admin port tells all. */
const mostSaid = 5;

function changeWords(changes: readonly string[]): string {
  if (changes.length === 0) return "nothing in it has changed";
  const more = changes.length - mostSaid;
  return changes.slice(0, mostSaid).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
