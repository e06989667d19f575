const withheld = "(withheld)";

/** Fields whose values open something, whatever they are called exactly. */
const secretName =
  /password|passphrase|secret$|secretvalue|privatekey|accountkey|accesskey|token|credential|connectionstring/i;

/** Certificates with their key stand in `data` there. */
const secretData: ReadonlySet<string> = new Set(["data", "pfx", "pkcs12"]);

const mostDepth = 64;

/** A document without its secrets: those of fields by their names, and the queries of URLs, which carry signatures. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (depth > mostDepth) return withheld;
  if (typeof value === "string") return value.replace(/^(https?:\/\/[^?#]*)[?#].*$/is, `$1?${withheld}`);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) && inner !== null && typeof inner !== "object"
        ? withheld
        : withoutSecrets(inner, depth + 1),
    ]),
  );
}

function isSecret(name: string): boolean {
  return secretName.test(name) || secretData.has(name.toLowerCase());
}
