/** The first word of a process that serves for another one. Nobody types it. */
export const workerWord = "--serve-for-main";
