/** The system's name of an error, `ECONNREFUSED`; `UNKNOWN` where it has none (libuv's own name for such). */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}
