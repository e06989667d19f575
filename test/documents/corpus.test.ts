import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readFiles } from "../../src/documents/files.ts";
import { buildModel } from "../../src/model/build.ts";

/** Real files by others, which stand beside the repository on some machines and are no part of it. */
const corpus = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));

/** Folders whose every file is read, and in the others the files that are: the rest is templates and recordings. */
const usedWhole = new Set(["access-log", "arm-resource", "az-show", "backend-health"]);
const usedByName = /azure-rest-api-specs__.*__examples__(?!WafPolicy)/;

describe.skipIf(!existsSync(corpus))("every file of the corpus", async () => {
  const files = existsSync(corpus)
    ? readdirSync(corpus, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`)
    : [];

  it.each(files.map((path) => [path.slice(corpus.length + 1), path]))("%s", async (_name, path) => {
    const set = await readFiles([path], nothing());
    expect(set.failures).toEqual([]);
    expect(set.documents).toHaveLength(1);
    const [note] = set.documents;
    expect(note?.note).toMatch(/^(read|ignored): .{5,}/);
    const used = usedWhole.has(basename(dirname(path))) || usedByName.test(basename(path));
    expect(note?.used).toBe(used);
    expect(buildModel(set).problems).toEqual([]);
  });

  it("all together", async () => {
    const set = await readFiles([corpus], nothing());
    expect(set.failures).toEqual([]);
    expect(set.documents).toHaveLength(files.length);
    const model = buildModel(set);
    expect(model.gateways.length).toBeGreaterThan(2);
    expect(model.gateways.every((gateway) => gateway.listeners.length > 0)).toBe(true);
  });
});

async function* nothing(): AsyncIterable<Uint8Array> {}
