let given = 0;

/** An address of this machine's own that no other test of this process has: 127.<60–99>.x.y. */
export function ownAddress(): string {
  given += 1;
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 40;
  return `127.${60 + worker}.${Math.floor(given / 250)}.${1 + (given % 250)}`;
}
