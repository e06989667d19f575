import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.ts";
import { between } from "./between.ts";

/** The README with the excerpt between its marks as the program prints it now. */
export async function readmeWithExcerpt(readme: string): Promise<string> {
  return between(readme, "excerpt", `\`\`\`text\n${excerptOf(await exampleReport())}\n\`\`\``);
}

/** The first screen, and the finding of the security group with its path drawing. */
function excerptOf(report: string): string {
  const sections = report.split(/\n(?=\S.* ─{3,})/);
  const finding = sections.find((section) => /^\d+\. NSG of the backend subnet/.test(section));
  if (finding === undefined) throw new Error("the example no longer finds its security group");
  return [sections[0], "[…]\n", finding].join("\n").trimEnd();
}

async function exampleReport(): Promise<string> {
  let text = "";
  const stdout = {
    isTerminal: false,
    columns: undefined,
    write: async (part: string) => {
      text += part;
    },
  };
  const folder = fileURLToPath(new URL("../../examples/contoso-shop", import.meta.url));
  const code = await main(["diagnose", folder, "--now", "2026-06-01T00:00:00Z"], {
    stdout,
    stderr: { ...stdout, write: async (part) => Promise.reject(new Error(part)) },
    stdin: (async function* () {})(),
    env: { LANG: "C.UTF-8" },
    now: () => 0,
    replaceFile: async () => {},
    systemLookup: () => Promise.reject(new Error("the example asks nobody")),
    interruptible: () => Promise.reject(new Error("the example sends nothing")),
  });
  if (code !== 1) throw new Error(`the example ended with ${code}`);
  return text;
}
