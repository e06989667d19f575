import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { endingOfFailure } from "../../../src/gateway/exchange/endings.ts";
import type { EndedBy, EndedIn } from "../../../src/gateway/exchange/exchange-record.ts";
import { failureCauses } from "../../../src/gateway/explain/cause-of-failure.ts";
import { endingTexts, phaseWords, whoWords } from "../../../src/gateway/explain/ending-words.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import { attempt } from "../balance/scene.ts";

const described = new Set(Object.keys(endingTexts));

test("every ending that a failed attempt makes is described", () => {
  for (const kind of Object.keys(failureCauses) as AttemptFailure["kind"][]) {
    const { failure } = attempt({ kind });
    if (failure !== undefined) expect(described).toContain(endingOfFailure(failure));
  }
});

test("a gateway that has no socket left is not called a server that refuses", () => {
  const endingWith = (detail: string) => {
    const { failure } = attempt({ kind: "connect-failed", detail });
    return failure && endingOfFailure(failure);
  };
  expect(["EMFILE", "ENFILE", "EADDRNOTAVAIL"].map(endingWith)).toEqual(["IC", "IC", "SC"]);
});

test("every ending that stands in the code of the gateway is described", () => {
  const root = fileURLToPath(new URL("../../../src/gateway/", import.meta.url));
  const files = ["exchange", "front", "layer4"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${root}${folder}/${name}`),
  );
  const found = files
    .map((file) => readFileSync(file, "utf8"))
    .flatMap((text) => [...text.matchAll(/"([-CSPNcsIKO][-RQCTHDLU])"/g)].map(([, ending = ""]) => ending));
  expect(found.length).toBeGreaterThan(10);
  for (const ending of found) expect(described).toContain(ending);
});

test("every described ending is made of known letters, and the page is there", () => {
  const page = readFileSync(new URL("../../../docs/endings.md", import.meta.url), "utf8");
  for (const ending of described) {
    expect(whoWords[ending.charAt(0) as EndedBy]).toBeDefined();
    expect(phaseWords[ending.charAt(1) as EndedIn]).toBeDefined();
    expect(page).toContain(`## \`${ending}\``);
  }
});
