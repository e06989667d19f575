import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hurried } from "./hurried.ts";

/** The example of this repository, copied to where it may be changed; gone with `using`. */
export interface DemoFolder extends Disposable {
  /** What is served. */
  readonly broken: string;
  /** The same with every fix made. */
  readonly fixed: string;
  /** For whatever else the demonstration writes. */
  readonly path: string;
}

export interface CopyWish {
  /** DER of the root that stands for Contoso's own, whose key nobody here has. */
  readonly contosoRoot: Buffer;
  /** Everything takes a tenth of the time. */
  readonly quick: boolean;
}

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));

export function copyExample({ contosoRoot, quick }: CopyWish): DemoFolder {
  const path = mkdtempSync(join(tmpdir(), "causeway-demo-"));
  const copy = (name: string, as: string): string => {
    const folder = join(path, as);
    mkdirSync(folder);
    for (const file of readdirSync(example(name))) {
      const text = withRoot(readFileSync(join(example(name), file), "utf8"), contosoRoot);
      writeFileSync(join(folder, file), quick ? hurried(file, text) : text);
    }
    return folder;
  };
  return {
    path,
    broken: copy("contoso-shop", "contoso-shop"),
    fixed: copy("contoso-shop-fixed", "contoso-shop-fixed"),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The only certificate data in the example is that of its one trusted root. */
function withRoot(text: string, root: Buffer): string {
  return text.replace(/"data": "MII[^"]+"/, `"data": "${root.toString("base64")}"`);
}
