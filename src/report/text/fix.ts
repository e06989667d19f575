import type { Fix } from "../../diagnosis/finding.ts";
import { fixCommands } from "../../diagnosis/fixes/commands.ts";
import { fixProof } from "../content/fix-proof.ts";
import { commandLines } from "./command-lines.ts";
import type { Page } from "./page.ts";
import type { Telling } from "./telling.ts";

const labelColumns = 12;
const indent = 2;

/** The fix as commands, whether it was tried, and what else it does. */
export function writeFix(page: Page, fix: Fix, { diagnosis: { gateway }, input, verbose }: Telling): void {
  page.write(fix.summary, { lead: "Fix".padEnd(labelColumns), leadTone: "heading" });
  const { az, powershell, bicep } = fixCommands(fix.changes, {
    gatewayId: gateway.id,
    records: input.records,
  });
  if (az.length > 0) {
    page.gap();
    writeCommands(page, az, "\\");
    if (verbose) {
      page.gap();
      page.write("PowerShell", { tone: "heading" });
      writeCommands(page, powershell, "`");
      for (const fragment of bicep) {
        page.gap();
        page.write("Bicep", { tone: "heading" });
        for (const line of fragment.split("\n")) page.verbatim(line, indent);
      }
    }
    page.gap();
  }
  page.write(fixProof(fix), {
    indent,
    lead: `${fix.verified ? page.signs.good : page.signs.unsure} `,
    leadTone: fix.verified ? "good" : "unsure",
  });
  for (const effect of fix.sideEffects) {
    page.write(effect, { indent, lead: `${page.signs.risk} `, leadTone: "unsure" });
  }
}

function writeCommands(page: Page, commands: readonly string[], continuation: "\\" | "`"): void {
  for (const command of commands) {
    for (const line of commandLines(command, page.style.width - indent, continuation)) {
      page.verbatim(line, indent);
    }
  }
}
