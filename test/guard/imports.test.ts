import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** Which room may import which (design: the house). A room may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  wire: [],
  network: ["model"],
  routing: ["model"],
  health: ["model"],
  probe: ["health", "wire", "routing", "model"],
  documents: ["model"],
  diagnosis: ["health", "routing", "network", "model"],
  live: ["diagnosis", "probe", "health", "routing", "model"],
  gateway: ["routing", "health", "wire", "probe", "network", "model", "diagnosis"],
  report: ["diagnosis", "health", "routing", "network", "model", "documents"],
  cli: [
    "report",
    "live",
    "gateway",
    "diagnosis",
    "documents",
    "probe",
    "health",
    "routing",
    "network",
    "model",
  ],
};

/** `report` sees of `documents` only the note types it prints, `probe` of `routing` only what a server and a route are. */
const typesOnly: ReadonlySet<string> = new Set(["report documents", "probe routing", "gateway diagnosis"]);

const root = fileURLToPath(new URL("../../src/", import.meta.url));

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const pattern = /(?:^|\n)\s*(import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file: relative(root, file),
    target: relative(root, normalize(join(dirname(file), match[3] ?? match[4] ?? ""))),
    typeOnly: match[2] !== undefined,
  }));
}

const imports = sourceFiles(root).flatMap(importsOf);
const roomOf = (path: string): string => path.split("/")[0] ?? "";

describe("the house", () => {
  test("there are imports to look at", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test("every room imports only what it may", () => {
    const forbidden = imports.filter(({ file, target, typeOnly }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === to) return false;
      if (!(mayImport[from] ?? []).includes(to)) return true;
      return typesOnly.has(`${from} ${to}`) && !typeOnly;
    });
    expect(forbidden.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  test("no room imports anything outside of the house", () => {
    const out = imports.filter(({ target }) => target.startsWith(".."));
    expect(out.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  test("the lab, which judges the house, shares nothing with it that could be wrong in both", () => {
    // What is read and printed: resources and changes, causes by name, the report; and the program as it is called.
    const shared = /^(model\/|report\/json-types\.ts$|diagnosis\/cause-ids\.ts$|cli\/main\.ts$)/;
    const lab = sourceFiles(fileURLToPath(new URL("../../lab/", import.meta.url))).flatMap(importsOf);
    const seen = lab.filter(({ target }) => !target.startsWith(".."));
    expect(seen.length).toBeGreaterThan(0);
    const forbidden = seen.filter(({ target }) => !shared.test(target));
    expect(forbidden.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  test("the pure rooms touch no files, sockets, clocks or terminals", () => {
    const pure = new Set(["model", "network", "routing", "health", "diagnosis"]);
    const impure = sourceFiles(root).flatMap((file) => {
      const name = relative(root, file);
      if (!pure.has(roomOf(name))) return [];
      const text = readFileSync(file, "utf8");
      const found = text.match(
        /from "node:(?!net"|crypto")[^"]+"|\bDate\.now\(|\bnew Date\(\)|\bprocess\.|\bconsole\.|Math\.random/g,
      );
      return (found ?? []).map((what) => `${name}: ${what}`);
    });
    expect(impure).toEqual([]);
  });

  test("no file imports itself through others", () => {
    const graph = new Map<string, string[]>();
    for (const { file, target, typeOnly } of imports) {
      if (!typeOnly) graph.set(file, [...(graph.get(file) ?? []), target]);
    }
    expect(circlesIn(graph)).toEqual([]);
  });
});

function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      circles.push([...trail.slice(at), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) walk(target, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}
