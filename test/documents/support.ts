import type { DocumentInput, DocumentSet } from "../../src/documents/document-set.ts";
import { documentOf, readDocuments } from "../../src/documents/read-documents.ts";

export const group = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg";

/** `idOf("Microsoft.Network/virtualNetworks", "v", "subnets", "s")` */
export function idOf(type: string, name: string, ...parts: string[]): string {
  return [group, "providers", type, name, ...parts].join("/");
}

/** Reads documents given as name → content; anything that is not text or bytes is written as JSON. */
export function read(documents: Readonly<Record<string, unknown>>): Promise<DocumentSet> {
  return readDocuments(Object.entries(documents).map(([name, content]) => input(name, content)));
}

export async function readOne(content: unknown): Promise<DocumentSet> {
  return read({ "one.json": content });
}

export function input(name: string, content: unknown): DocumentInput {
  const isRaw = typeof content === "string" || content instanceof Uint8Array;
  return documentOf(name, isRaw ? content : JSON.stringify(content));
}

/** The same bytes in pieces of the given size. */
export function inPieces(name: string, bytes: Uint8Array, size: number): DocumentInput {
  return {
    name,
    async *open() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

export const nsg = {
  id: idOf("Microsoft.Network/networkSecurityGroups", "nsg1"),
  name: "nsg1",
  type: "Microsoft.Network/networkSecurityGroups",
  location: "westeurope",
  properties: {
    securityRules: [
      {
        name: "deny-gateway",
        properties: {
          priority: 200,
          direction: "Inbound",
          access: "Deny",
          protocol: "Tcp",
          sourceAddressPrefix: "10.0.1.0/24",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "8080",
        },
      },
    ],
  },
};

/** What `az … show` makes of a raw resource: no `properties` level, a `resourceGroup`. */
export function flattened(resource: object): Record<string, unknown> {
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    if (typeof value !== "object" || value === null) return value;
    const { properties, ...rest } = value as { properties?: object };
    return Object.fromEntries(Object.entries({ ...rest, ...properties }).map(([k, v]) => [k, inner(v)]));
  };
  return { ...(inner(resource) as object), resourceGroup: "rg" };
}

/** PowerShell writes the same names with a capital letter. */
export function pascalCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascalCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      pascalCased(inner),
    ]),
  );
}
