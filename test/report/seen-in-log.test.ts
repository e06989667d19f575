import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import { textReport } from "../../src/report/text/report.ts";
import { loadCase } from "../support/case-folder.ts";

async function told(name: string): Promise<string> {
  const { kase, gateway } = await loadCase(name);
  const input = {
    diagnoses: [diagnose(kase, gateway)],
    documents: [],
    sent: [],
    records: kase.configuration.records,
  };
  return textReport(input, { width: 200, color: false, unicode: true, verbose: false, quiet: false });
}

describe("the first screen, where only the log speaks", () => {
  test.each([
    [
      "log-every-request-fails",
      "The one route fails with 502.",
      "why l80/r1 fails.",
      "12 of 12 requests failed, most of them with ERRORINFO_UPSTREAM_NO_LIVE.",
    ],
    [
      "log-every-request-fails-near-some-served",
      "The one route loses some requests",
      "why l80/r1 loses requests.",
      "12 of 52 requests failed, most of them with ERRORINFO_UPSTREAM_NO_LIVE.",
    ],
    [
      "nsg-infra-ports-requests-served",
      "The one route is fine, but the health of its servers cannot be read.",
    ],
  ])("%s", async (name, ...says) => {
    const text = await told(name);
    for (const words of says) expect(text).toContain(words);
  });
});
