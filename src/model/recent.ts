/** Failures this close to the end of a log are part of what goes on now. */
export const recentMs = 15 * 60_000;
