let given = 0;

/**
 * An address of this machine's own that no other test of this process has: 127.<60–99>.x.y. Azure keeps the first of every
 * subnet for itself: what stands there is a fault of its own.
 */
export function ownAddress(): string {
  given += 1;
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 40;
  return `127.${60 + worker}.${Math.floor(given / 240)}.${10 + (given % 240)}`;
}
