import { TimerEntry } from "../timer-wheel.ts";

/** A time-out of one connection or stream that calls back. */
export class ConnectionTimer extends TimerEntry {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  override due(): void {
    this.#run();
  }
}
