import type { ReadDocument } from "../report-input.ts";
import { placeOf } from "./wording.ts";

/** Says where evidence stands, with names as short as they can be. */
export interface Places {
  /** The folder all documents lie in, left out of their names; empty when there is none. */
  readonly folder: string;
  /** `nsg.json` */
  name(path: string): string;
  /** `nsg.json#/securityRules/2` */
  of(piece: { readonly document: string; readonly pointer: string }): string;
}

export function placesIn(documents: readonly ReadDocument[]): Places {
  const folder = commonFolder(documents.map(({ path }) => path));
  const name = (path: string): string => (path.startsWith(folder) ? path.slice(folder.length) : path);
  return { folder, name, of: ({ document, pointer }) => placeOf({ document: name(document), pointer }) };
}

/** The longest folder, with its slash, that every path lies in; the root of the file system is none. */
function commonFolder(paths: readonly string[]): string {
  let shared: readonly string[] | undefined;
  for (const path of paths) {
    const folders = path.split("/").slice(0, -1);
    const differs = shared?.findIndex((folder, index) => folder !== folders[index]) ?? -1;
    if (shared === undefined) shared = folders;
    else if (differs >= 0) shared = shared.slice(0, differs);
  }
  const folder = (shared ?? []).map((name) => `${name}/`).join("");
  return folder === "/" ? "" : folder;
}

/** Documents left aside for the same reason. */
export interface LeftAside {
  readonly kind: string;
  readonly why: string;
  readonly paths: readonly string[];
}

/** The documents of which nothing was used, by what they are and why; most documents first. */
export function leftAside(documents: readonly ReadDocument[]): LeftAside[] {
  const groups = new Map<string, LeftAside & { paths: string[] }>();
  for (const { path, kind, used, note } of documents) {
    if (used) continue;
    const why = note.replace(/^(ignored|not read): /, "");
    const group = groups.get(`${kind}\n${why}`);
    if (group === undefined) groups.set(`${kind}\n${why}`, { kind, why, paths: [path] });
    else group.paths.push(path);
  }
  return [...groups.values()].sort((a, b) => b.paths.length - a.paths.length);
}

/** `12 read: application gateway, 3 x network security group` */
export function kindsOf(documents: readonly ReadDocument[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of documents) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} x ${kind}`)).join(", ");
}
