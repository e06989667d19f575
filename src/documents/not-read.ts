import { isObject } from "../model/source.ts";
import { field, firstObject, has, type JsonObject, listField, textField } from "./place.ts";

/** A kind of JSON document that is known and deliberately not read, and what to export instead. */
interface UnreadKind {
  readonly kind: string;
  readonly is: (value: JsonObject) => boolean;
  readonly reason: string | ((value: JsonObject) => string);
}

const instead =
  "export the deployed resources instead, e.g. `az network application-gateway show --ids <gateway id>`";

/** Sorted by kind; no two match the same document. */
const unreadKinds: readonly UnreadKind[] = [
  {
    kind: "ARM template",
    is: (value) =>
      /deploymentTemplate\.json/i.test(schemaOf(value)) ||
      (has(value, "contentVersion", "resources") && !has(value, "id")),
    reason: `an ARM template says what shall be deployed, with expressions only Azure can resolve; ${instead}`,
  },
  {
    kind: "ARM template parameters",
    is: (value) =>
      /deploymentParameters\.json/i.test(schemaOf(value)) ||
      (has(value, "contentVersion", "parameters") && !has(value, "resources")),
    reason: `a parameters file is one half of a template; ${instead}`,
  },
  {
    kind: "Azure error answer",
    is: (value) => isObject(field(value, "error")) && textField(field(value, "error"), "code") !== undefined,
    reason: (value) =>
      `an error answer of Azure (${(textField(field(value, "error"), "code") ?? "").slice(0, 60)}), not an export; run the export again`,
  },
  {
    kind: "Causeway report",
    is: (value) => /^causeway\//.test(textField(value, "format") ?? ""),
    reason: "an output of Causeway itself; give the documents it was made from",
  },
  {
    kind: "HTTP recording",
    is: (value) => {
      const first = firstObject(listField(value, "interactions"));
      return first !== undefined && has(first, "request", "response");
    },
    reason:
      "a recording of HTTP traffic, whose bodies are text inside the JSON; save the body of the answer as a file of its own",
  },
  {
    kind: "Kubernetes manifest",
    is: (value) => has(value, "apiVersion", "kind", "metadata"),
    reason: `a Kubernetes object does not say what the gateway was given; ${instead}`,
  },
  {
    kind: "live observations",
    is: (value) => has(value, "startedAtMs", "sent") && has(field(value, "sent"), "target", "manner"),
    reason: "a line of a recording without the first, which says the format; give the whole recording",
  },
  {
    kind: "schema or API description",
    is: (value) => has(value, "swagger") || has(value, "openapi") || /json-schema\.org/.test(schemaOf(value)),
    reason: "a schema or API description, not an export of a resource",
  },
  {
    kind: "Terraform plan",
    is: (value) =>
      has(value, "terraform_version") && (has(value, "planned_values") || has(value, "resource_changes")),
    reason: `a Terraform plan says what shall be, in names of the provider; ${instead}`,
  },
  {
    kind: "Terraform state",
    is: (value) =>
      has(value, "terraform_version") && !has(value, "planned_values") && !has(value, "resource_changes"),
    reason: `Terraform state holds the provider's own copy; ${instead}`,
  },
];

/** Why a whole document is left aside, or undefined when it may hold something. */
export function whyNotRead(value: JsonObject): { kind: string; reason: string } | undefined {
  const found = unreadKinds.find(({ is }) => is(value));
  if (found === undefined) return undefined;
  return { kind: found.kind, reason: typeof found.reason === "string" ? found.reason : found.reason(value) };
}

function schemaOf(value: JsonObject): string {
  return textField(value, "$schema") ?? "";
}
