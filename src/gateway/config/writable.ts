import type { Pair } from "../../routing/routes.ts";
import { PreparationError } from "./prepared.ts";

/** What is written into heads as it stands, and what it may be made of: nothing that ends a line, or begins another part. */
const rules = {
  /** Bytes that are seen; wider characters would be cut down to bytes, among them line ends. */
  visible: /^[\x21-\x7e\x80-\xff]*$/,
  /** RFC 6265 §4.1.1: a token. */
  token: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/,
} as const;

/** Throws `PreparationError` for a host, a path or a cookie's name with which requests or responses would be others. */
export function checkWritable(pairs: readonly Pair[]): void {
  for (const { setting, servers } of pairs) {
    const { name, hostName, path, affinityCookieName } = setting;
    const where = `of the backend setting ${name}`;
    check(`the host name ${where}`, hostName, rules.visible);
    check(`the path ${where}`, path, rules.visible);
    check(`the affinity cookie's name ${where}`, affinityCookieName, rules.token);
    for (const { address } of servers) check("the address of a server", address, rules.visible);
  }
}

function check(what: string, value: string | undefined, rule: RegExp): void {
  if (value === undefined || rule.test(value)) return;
  throw new PreparationError(`${what} cannot be sent: ${JSON.stringify(value.slice(0, 60))}`);
}
