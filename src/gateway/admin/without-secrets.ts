import { keptHeader } from "../../model/kept-values.ts";

const withheld = "(withheld)";

/** Fields whose values open something, whatever they are called exactly. */
const secretName =
  /password|passphrase|secret$|secretvalue|privatekey|accountkey|accesskey|token|credential|connectionstring/i;

/** Certificates with their key stand in `data`; queries that a rewrite rule makes may hold a key. */
const secretData: ReadonlySet<string> = new Set(["data", "pfx", "pkcs12", "modifiedquerystring"]);

const mostDepth = 64;

/** A document without its secrets: those of fields by their names, and the queries of URLs, which carry signatures. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (depth > mostDepth) return withheld;
  if (typeof value === "string") return value.replace(/^(https?:\/\/[^?#]*)[?#].*$/is, `$1?${withheld}`);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(withKeptHeader(value)).map(([name, inner]) => [
      name,
      isSecret(name) && inner !== null && typeof inner !== "object"
        ? withheld
        : withoutSecrets(inner, depth + 1),
    ]),
  );
}

/** Where a rewrite rule names a header, and what it puts into it or looks for: perhaps a key that a server wants. */
const headerFields = [
  { names: "headername", values: "headervalue", before: /^/ },
  { names: "variable", values: "pattern", before: /^http_(?:req|resp)_/i },
] as const;

function withKeptHeader(value: object): object {
  const fields = new Map(Object.entries(value).map(([name, inner]) => [name.toLowerCase(), { name, inner }]));
  for (const { names, values, before } of headerFields) {
    const header: unknown = fields.get(names)?.inner;
    const field = fields.get(values);
    if (field === undefined || typeof field.inner !== "string" || typeof header !== "string") continue;
    if (!before.test(header) || field.inner === "") continue;
    const kept = keptHeader({ name: header.replace(before, "").trim(), value: field.inner });
    return { ...value, [field.name]: kept.value };
  }
  return value;
}

function isSecret(name: string): boolean {
  return secretName.test(name) || secretData.has(name.toLowerCase());
}
