import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../measure/processes.ts";

/** The versions that are measured, of the packages and of what the registry takes them to need. */
const packages: Readonly<Record<string, string>> = {
  "http-proxy-3": "2.0.1",
  "@fastify/http-proxy": "11.6.3",
  fastify: "5.12.8",
  undici: "8.12.4",
};

/** Puts the packages into a folder of their own; no script of theirs is run. Says why when it cannot. */
export async function installPackages(folder: string): Promise<string | undefined> {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error"];
  const install = start({ program: "npm", args: ["install", "--prefix", folder, ...flags] });
  const timer = setTimeout(() => void install.end(0), 120_000);
  const code = await install.ended;
  clearTimeout(timer);
  await install.end(0);
  return code === 0 ? undefined : `npm install ended with ${code}: ${install.output().trim().slice(-300)}`;
}

/** The version of a package in the folder; undefined = it is not there. */
export function packageVersion(folder: string, name: string): string | undefined {
  try {
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
    );
    return version;
  } catch {
    return undefined;
  }
}
