import { setTimeout as sleep } from "node:timers/promises";

/** A signal is taken before the next one is sent. */
export const nextTurn = (): Promise<void> => sleep(50);
