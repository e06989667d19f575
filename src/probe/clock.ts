/** Time, passed in so that whoever tests or records decides what it is. */
export interface Clock {
  /** Epoch milliseconds. */
  epochMs(): number;
  /** Milliseconds that only ever go up, from any start. */
  nowMs(): number;
  /** Runs once after so many milliseconds; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  epochMs: () => Date.now(),
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
