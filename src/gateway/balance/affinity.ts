import { createHash } from "node:crypto";

/**
 * What the affinity cookie holds for a server: opaque, and the same in every worker, after every restart and in every
 * pool that has the server (request-handling.md §6).
 */
export function affinityValue(gatewayId: string, address: string): string {
  return createHash("sha256")
    .update(`${gatewayId.toLowerCase()}\n${address.toLowerCase()}`)
    .digest("hex")
    .slice(0, 32);
}

/** The cookie, and its twin for requests from other sites: browsers send only that one there. */
export function affinityCookies(name: string, value: string): readonly string[] {
  return [`${name}=${value}; Path=/`, `${name}CORS=${value}; Path=/; SameSite=None; Secure`];
}

/** The value of the cookie or of its twin; undefined when neither was sent. */
export function affinityOf(cookies: string, name: string): string | undefined {
  return cookieValue(cookies, name) ?? cookieValue(cookies, `${name}CORS`);
}

/** The first cookie of this name (RFC 6265 §4.2.1). */
function cookieValue(cookies: string, name: string): string | undefined {
  for (let at = cookies.indexOf(name); at >= 0; at = cookies.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (cookies.charCodeAt(end) !== equals || !beginsAt(cookies, at)) continue;
    const stop = cookies.indexOf(";", end);
    return cookies.slice(end + 1, stop < 0 ? cookies.length : stop).trim();
  }
  return undefined;
}

const equals = 0x3d;
const semicolon = 0x3b;
const space = 0x20;

function beginsAt(cookies: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && cookies.charCodeAt(before) === space) before--;
  return before < 0 || cookies.charCodeAt(before) === semicolon;
}
