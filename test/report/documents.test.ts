import { describe, expect, test } from "vitest";
import { placesIn } from "../../src/report/content/documents.ts";

const folderOf = (...paths: string[]): string =>
  placesIn(paths.map((path) => ({ path, kind: "virtual network", used: true, note: "1 virtual network" })))
    .folder;

describe("the folder left out of the names of documents", () => {
  test.each([
    ["one file", ["exports/a.json"], "exports/"],
    ["files side by side", ["exports/a.json", "exports/b.json"], "exports/"],
    ["files at different depths", ["exports/net/a.json", "exports/b.json"], "exports/"],
    ["folders that begin alike", ["exports/a.json", "exports-old/b.json"], ""],
    ["an absolute and a relative path", ["/srv/exports/a.json", "b.json"], ""],
    ["an absolute path and standard input", ["/srv/exports/a.json", "-"], ""],
    ["absolute paths", ["/srv/exports/a.json", "/srv/exports/net/b.json"], "/srv/exports/"],
    ["absolute paths with only the root in common", ["/srv/a.json", "/home/b.json"], ""],
    ["nothing", [], ""],
  ])("%s", (_, paths, folder) => expect(folderOf(...paths)).toBe(folder));
});
