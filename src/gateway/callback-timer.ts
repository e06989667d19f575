import { TimerEntry } from "./timer-wheel.ts";

/** A time-out that calls back, for what is no entry of the wheel itself. */
export class CallbackTimer extends TimerEntry {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  override due(): void {
    this.#run();
  }
}
