const fillers = new Set([
  ...["pool", "backend", "backends", "address", "addresses", "setting", "settings", "http", "https", "probe"],
  ...["health", "rule", "listener", "the", "agw", "appgw", "map", "path", "port", "default"],
]);

/** The words of a name that say what the thing is for. Names are hints, never proof. */
export function nameWords(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 2 && !fillers.has(word));
}

export function shareWords(one: string, other: string): boolean {
  const words = nameWords(other);
  return nameWords(one).some((word) => words.includes(word));
}
