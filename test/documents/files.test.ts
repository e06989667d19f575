import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFiles, readFiles } from "../../src/documents/files.ts";
import { nsg } from "./support.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "causeway-files-"));
  for (const folder of ["b/deep", "node_modules/x", ".git", "empty"])
    await mkdir(join(root, folder), { recursive: true });
  for (const file of [
    "z.json",
    "a.json",
    "b/inner.json",
    "b/deep/deepest.json",
    "node_modules/x/p.json",
    ".git/c.json",
  ]) {
    await writeFile(join(root, file), JSON.stringify(nsg));
  }
  await symlink(root, join(root, "b/loop"));
  await symlink(join(root, "a.json"), join(root, "link-to-a.json"));
  await symlink(join(root, "nowhere"), join(root, "dangling.json"));
});

afterAll(() => rm(root, { recursive: true }));

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

describe("paths", () => {
  it("folders are read whole, in order, without tools, history, circles and repeats", async () => {
    const { inputs, failures } = await findFiles([root], bytes(""));
    expect(failures).toEqual([]);
    expect(inputs.map(({ name }) => name.slice(root.length + 1))).toEqual([
      "a.json",
      "b/deep/deepest.json",
      "b/inner.json",
      "z.json",
    ]);
  });

  it("are read once however often they are named", async () => {
    const file = join(root, "a.json");
    const { inputs } = await findFiles([file, file, join(root, "link-to-a.json")], bytes(""));
    expect(inputs.map(({ name }) => name)).toEqual([file]);
  });

  it("that do not exist are failures, and the others are read", async () => {
    const missing = join(root, "missing.json");
    const set = await readFiles([missing, join(root, "a.json"), join(root, "dangling.json")], bytes(""));
    expect(set.failures.map(({ message }) => message)).toEqual([
      `${missing}: there is no such file or folder`,
      `${join(root, "dangling.json")}: there is no such file or folder`,
    ]);
    expect(set.records).toHaveLength(1);
  });

  it("`-` is standard input", async () => {
    const set = await readFiles(["-"], bytes(JSON.stringify(nsg)));
    expect(set.documents).toMatchObject([{ path: "-", used: true }]);
  });

  it("an empty folder gives nothing", async () => {
    expect((await readFiles([join(root, "empty")], bytes(""))).documents).toEqual([]);
  });
});
