import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

interface AskerCase {
  readonly name: string;
  readonly answer: (request: RawRequest) => RawAnswer;
  readonly words?: readonly string[];
  readonly root: string;
  readonly certainty: string;
  /** What the experiment that helped changed; undefined = none helped. */
  readonly changed?: string;
  readonly says?: RegExp;
}

const secret = "s3cr3t-session";
const cookie = ["--header", `Cookie: session=${secret}`, "--header", "Accept-Language: de"];
const healthy = (answer: AskerCase["answer"]): AskerCase["answer"] => {
  return (request) => (request.path === "/health" ? plain(200) : answer(request));
};

const cases: readonly AskerCase[] = [
  {
    name: "fails for one session only",
    answer: healthy(({ head }) => (/^cookie:/im.test(head) ? plain(500, "oops") : plain(200))),
    words: cookie,
    root: "backend-5xx",
    certainty: "proven",
    changed: "credentials",
  },
  {
    name: "fails for everybody",
    answer: healthy(() => plain(500, "oops")),
    words: cookie,
    root: "backend-5xx",
    certainty: "likely",
  },
  {
    name: "cannot keep a connection",
    answer: healthy(({ head }) => (/^connection: close/im.test(head) ? plain(200) : { ends: "reset" })),
    root: "http-reset-midway",
    certainty: "proven",
    changed: "connection",
    says: /unless .* asked to close it/,
  },
  {
    name: "resets every connection",
    answer: healthy(() => ({ ends: "reset" })),
    root: "http-reset-midway",
    certainty: "likely",
  },
];

describe("faults that depend on how, or by whom, is asked", () => {
  test.concurrent.each(cases)("$name", async ({ answer, words = [], root, certainty, changed, says }) => {
    await using server = await rawServer(answer);
    const backend = { name: "shop", servers: [server.address], port: server.port };
    const documents = { "gateway.json": gatewayOf([backend]) };
    const seen = await diagnoseLive(documents, ["--url", "http://shop.contoso.example/list", ...words]);
    expect(seen.roots).toEqual([root]);
    const finding = seen.finding(root);
    expect(finding.certainty).toBe(certainty);
    expect(finding.experiments.find(({ helped }) => helped)?.changed).toBe(changed);
    if (says !== undefined) expect(finding.summary).toMatch(says);
    expect(JSON.stringify([seen.findings, seen.recorded])).not.toContain(secret);
  });
});
