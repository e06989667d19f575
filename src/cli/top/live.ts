import type { AdminPlace } from "../../gateway/admin/admin-server.ts";
import { systemClock } from "../../probe/clock.ts";
import type { TextStyle } from "../../report/text/style.ts";
import { adminPlaceWords } from "../admin-place.ts";
import type { Io, Screen } from "../io.ts";
import { askAdmin, NoAnswer } from "./admin-client.ts";
import type { TopData } from "./data.ts";
import { keysOf } from "./keys.ts";
import { pageOf } from "./page.ts";
import { after, type Change, firstState, type TopEvent, type TopState } from "./state.ts";

export interface LiveTopOptions {
  readonly place: AdminPlace;
  /** Throws `NoAnswer`. */
  readonly look: (signal: AbortSignal) => Promise<TopData>;
  readonly io: Io;
  readonly intervalMs: number;
  readonly style: TextStyle;
}

/** The screen that goes on: looks, draws, and does what is typed. */
export class LiveTop {
  readonly #options: LiveTopOptions;
  readonly #quit = new AbortController();
  #state: TopState = firstState;
  #screen: Screen | undefined;
  #wake: () => void = () => {};
  #failure: unknown;

  constructor(options: LiveTopOptions) {
    this.#options = options;
  }

  /** Until it is told to end; false: there is no terminal. */
  async run(): Promise<boolean> {
    const { io } = this.#options;
    this.#screen = await io.openScreen?.({
      input: (text) => this.#typed(text),
      resized: () => this.#draw(),
      gone: () => this.#quit.abort(),
    });
    if (this.#screen === undefined) return false;
    try {
      await io.interruptible((signal) => this.#untilQuit(AbortSignal.any([signal, this.#quit.signal])));
    } finally {
      this.#screen.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  async #untilQuit(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    this.#draw();
    while (!signal.aborted) {
      await this.#look(signal);
      if (!signal.aborted) await this.#pause();
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      const data = await this.#options.look(signal);
      this.#happened({ kind: "answer", data, atMs: this.#options.io.now() });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof NoAnswer)) throw error;
      this.#happened({ kind: "trouble", says: error.message });
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = systemClock.after(this.#options.intervalMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #typed(text: string): void {
    for (const key of keysOf(text)) this.#happened({ kind: "key", key });
  }

  #happened(event: TopEvent): void {
    const { state, wish } = after(this.#state, event);
    this.#state = state;
    if (wish === "quit") this.#quit.abort();
    else if (wish !== undefined) void this.#change(wish);
    this.#draw();
  }

  async #change({ wish, pair, address }: Change): Promise<void> {
    const path = `/servers/${encodeURIComponent(pair)}/${encodeURIComponent(address)}/${wish}`;
    try {
      const { body } = await askAdmin(this.#options.place, "POST", path);
      this.#happened({ kind: "told", says: body.trim() });
    } catch (error) {
      if (!(error instanceof NoAnswer)) return this.#fail(error);
      this.#happened({ kind: "told", says: `${address} was not changed: ${error.message}` });
    }
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#quit.abort();
  }

  #draw(): void {
    const { place, style, io } = this.#options;
    if (this.#screen === undefined || this.#quit.signal.aborted) return;
    const { columns, rows } = this.#screen.size();
    const options = {
      style: { ...style, width: columns },
      rows,
      place: adminPlaceWords(place),
      nowMs: io.now(),
    };
    this.#screen.draw(pageOf(this.#state, options));
  }
}
