import type { ClientHosts } from "../tls/client-hosts.ts";

/** Names the platform gives to sites; no client of a gateway asks for them. */
const platformName = /\.(azurewebsites\.(net|us)|chinacloudsites\.cn|appserviceenvironment\.net)$/;

/**
 * Which hosts clients certainly ask for that a site does not have: `none` when all it is asked for is bound, `unknown`
 * when that cannot be told. With no domain of its own, a site knows no name under which clients reach a gateway.
 */
export function unboundHosts(
  { names, any }: ClientHosts,
  bound: readonly string[] | undefined,
): readonly string[] | "none" | "unknown" {
  if (bound === undefined || bound.length === 0) return "unknown";
  const domains = bound.filter((name) => !platformName.test(name));
  if (domains.length === 0) {
    const asked = names.filter((name) => !bound.includes(name));
    return asked.length > 0 || any ? asked : "none";
  }
  const plain = names.filter((name) => !/[*?]/.test(name));
  const missing = plain.filter((name) => !bound.includes(name));
  if (missing.length > 0) return missing;
  const wild = names.filter((name) => /[*?]/.test(name));
  const strange = wild.filter((pattern) => !domains.some((domain) => matches(pattern, domain)));
  if (strange.length > 0) return strange;
  return any || wild.length > 0 ? "unknown" : "none";
}

/** Listener wildcards: `*` several characters, dots too, `?` exactly one (request-handling.md §2). */
function matches(pattern: string, host: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".+").replaceAll("?", ".")}$`).test(host);
}
