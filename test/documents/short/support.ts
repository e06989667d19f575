import type { DocumentSet } from "../../../src/documents/document-set.ts";
import { documentOf, readDocuments } from "../../../src/documents/read-documents.ts";
import { expandGateway } from "../../../src/documents/short/expand.ts";
import { plainValue, type WrittenObject, writtenOf } from "../../../src/documents/short/written.ts";
import { buildModel } from "../../../src/model/build.ts";
import type { Gateway } from "../../../src/model/gateway.ts";
import { Source } from "../../../src/model/source.ts";

type Plain = Readonly<Record<string, unknown>>;

export function readText(text: string, name = "gateway.yaml"): Promise<DocumentSet> {
  return readDocuments([documentOf(name, text)]);
}

/** The resource that a gateway in the short notation stands for, as a plain value. */
export function expanded(short: unknown, name = "gateway"): { id: string; resource: Plain } {
  const { id, resource } = expandGateway(writtenOf(short) as WrittenObject, name);
  return { id, resource: plainValue(resource) as Plain };
}

export function modelOf(id: string, value: unknown): Gateway {
  const source = new Source("g.json", "", value);
  const records = [{ id, type: "microsoft.network/applicationgateways", source }];
  const [gateway] = buildModel({ records, listedTypes: new Set() }).gateways;
  if (gateway === undefined) throw new Error("no gateway");
  return gateway;
}

/** A gateway of the model without the places it was read from, links as the ids of what they lead to. */
export function withoutPlaces(gateway: Gateway): unknown {
  return JSON.parse(
    JSON.stringify(gateway, function (this: unknown, key, value: unknown) {
      if (key === "source") return undefined;
      if (key === "target") return (value as { id?: string } | undefined)?.id ?? null;
      return value;
    }),
  );
}
