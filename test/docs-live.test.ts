import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { documentedRuns } from "./support/documented-runs.ts";

const root = new URL("../", import.meta.url);
const pages = ["README.md", "docs/live.md", "docs/run.md"];
const marked = /<!-- output of: (.*?) -->\n\n```text\n(.*?)\n```/gs;

/** The blocks of all pages that show what a run prints. */
const blocks = pages.flatMap((page) =>
  [...readFileSync(new URL(page, root), "utf8").matchAll(marked)].map(([, run = "", text = ""]) => ({
    page,
    run,
    text,
  })),
);

/** What differs from run to run: ports, addresses, moments and how long it took; and how lines break, which follows from their lengths. */
function normal(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?/g, "TIME")
    .replaceAll(/\b127(\.\d+){3}\b/g, "ADDRESS")
    .replaceAll(/(?<=[Pp]ort |:|[Pp]ort \d{0,5}:)\d{4,5}\b/g, "PORT")
    .replaceAll(/\bline \d+/g, "line N")
    .replaceAll(/\b[0-9a-f]{32}\b/g, "ID")
    .replaceAll(/^Latency +.+$/gm, "Latency N")
    .replaceAll(/\b\d+ experiments?\b/g, "N experiments")
    .replaceAll(/─+/g, "─")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** The first part of a shortened block that does not follow in what was printed; undefined = it is all there. */
function missing(shown: string, printed: string): string | undefined {
  const all = normal(printed);
  let at = 0;
  for (const part of shown.split(/^…$/m).map(normal)) {
    const found = all.indexOf(part, at);
    if (found < 0) return part;
    at = found + part.length;
  }
  return undefined;
}

describe("output in the documentation", () => {
  const named = [...new Set(blocks.map(({ run }) => run))];

  test("is there, and every run that is kept for it is shown", () => {
    expect(named.toSorted()).toEqual(Object.keys(documentedRuns).toSorted());
    expect(blocks.filter(({ run }) => run === "npm run demo:live").map(({ page }) => page)).toEqual([
      "README.md",
      "docs/live.md",
    ]);
  });

  test("docs/live.md shows none but of such runs", () => {
    const text = readFileSync(new URL("docs/live.md", root), "utf8");
    expect(text.split("```text\n")).toHaveLength((text.match(marked)?.length ?? 0) + 1);
  });

  test.each(Object.entries(documentedRuns))(
    "of %s is what it prints",
    { timeout: 180_000 },
    async (run, print) => {
      const printed = await print();
      const own = blocks.filter((block) => block.run === run);
      expect(own.map(({ page, text }) => ({ page, missing: missing(text, printed) }))).toEqual(
        own.map(({ page }) => ({ page, missing: undefined })),
      );
    },
  );

  test("a word that no run prints is noticed", () => {
    expect(missing("one\n…\nthree", "one two three")).toBeUndefined();
    expect(missing("three\n…\none", "one two three")).toBe("one");
    expect(
      missing(
        "port 40597 of 127.0.0.1 at 2026-01-01T00:00:00Z",
        "port 1024 of 127.9.9.9 at 2027-02-02T01:01:01Z",
      ),
    ).toBeUndefined();
  });
});

describe("links in the documentation", () => {
  const folder = readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" });
  const all = [
    "README.md",
    "CONTRIBUTING.md",
    ...folder.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];

  test.each(all)("of %s lead somewhere", (page) => {
    const at = new URL(page, root);
    const text = readFileSync(at, "utf8").replaceAll(/```.*?```/gs, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const own = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(own.filter((link) => !leadsSomewhere(link, at))).toEqual([]);
  });
});

function leadsSomewhere(link: string, from: URL): boolean {
  const [path = "", anchor] = link.split("#");
  try {
    const target = readFileSync(path === "" ? from : new URL(path, from), "utf8");
    return anchor === undefined || anchorsOf(target).has(anchor);
  } catch {
    return false;
  }
}

/** As a page of Markdown gives them to its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
