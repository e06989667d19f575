import { Document, isCollection, isMap, isScalar, isSeq, visit } from "yaml";
import type { Plain } from "./canonical.ts";

/** Longer lists and objects take a line for each of their elements. */
const flowWidth = 80;

/** A gateway of the short notation as YAML; what fits in a line stands in one. */
export function shortYaml(short: Plain): string {
  const document = new Document({ gateway: short }, { version: "1.2", aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_key, node, path) => {
      const plain = node.items.every(
        (item) => !isCollection(isMap(node) ? (item as { value: unknown }).value : item),
      );
      const text = JSON.stringify(node.toJSON());
      const inside = path.length > 3;
      const long = (isSeq(node) || inside) && plain && text.length <= flowWidth && !text.includes("\\n");
      if (node.items.length === 0 || long) node.flow = true;
    },
    Scalar: (_key, node) => {
      // Texts of several lines, such as certificates, keep their lines.
      if (isScalar(node) && typeof node.value === "string" && node.value.includes("\n"))
        node.type = "BLOCK_LITERAL";
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: true });
}
