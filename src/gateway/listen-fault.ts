const reasons: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "this machine does not have the address",
  EAFNOSUPPORT: "this machine does not have such addresses",
  EMFILE: "too many files are open",
  ENOENT: "there is no such folder",
};

/** Why a place cannot be listened at, in words and as the system calls it. */
export function listenFaultWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === undefined) return message;
  const words = reasons[code];
  return words === undefined ? code : `${words} (${code})`;
}
