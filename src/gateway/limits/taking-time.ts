/** How slowly a client may take what it is sent. */
export interface TakingLimits {
  /** For little, whatever it is. */
  readonly clientMs: number;
  /** Beyond that time. */
  readonly responseBytesPerS: number;
}

/** How long a client may take for so many bytes that wait for it. */
export function takingMs(waitingBytes: number, { clientMs, responseBytesPerS }: TakingLimits): number {
  return clientMs + (waitingBytes / responseBytesPerS) * 1000;
}
