import { readFileSync } from "node:fs";

/** The version in package.json, which lies two levels up in the sources and in the package alike. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
