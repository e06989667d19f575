/** Whether one of a certificate's names covers a host; a wildcard stands for one label (RFC 6125 §6.4.3). */
export function namesCover(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return names.some((name) => {
    if (name === wanted) return true;
    return name.startsWith("*.") && wanted.slice(wanted.indexOf(".") + 1) === name.slice(2);
  });
}
