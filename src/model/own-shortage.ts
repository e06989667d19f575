/** What the system says when this process or this machine has no more sockets or files, or no memory for one. */
const shortages: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** Whether an errno tells of the machine that sends alone, and nothing of whoever it was to be sent to. */
export function isShortage(errno: string | undefined): boolean {
  return errno !== undefined && shortages.has(errno);
}
