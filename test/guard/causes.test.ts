import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Case } from "../../src/diagnosis/case.ts";
import { causeIds, describedOnly } from "../../src/diagnosis/cause-ids.ts";
import { causes } from "../../src/diagnosis/causes/all.ts";
import { facetsOf } from "../../src/diagnosis/facets/build.ts";
import type { Facet, Facets } from "../../src/diagnosis/facets.ts";
import type { Gateway } from "../../src/model/gateway.ts";
import { loadCase, readExpectedOf } from "../support/case-folder.ts";

const casesFolder = fileURLToPath(new URL("../cases/", import.meta.url));
const caseNames = readdirSync(casesFolder).filter((name) => !name.startsWith("_"));

describe("the catalogue", () => {
  test("every id has its file, once, in the order of the catalogue", () => {
    expect(causes.map(({ id }) => id)).toEqual(causeIds);
  });

  test("the list is what the generator writes", () => {
    const tool = fileURLToPath(new URL("../../tools/list-causes.ts", import.meta.url));
    expect(() => execFileSync(process.execPath, [tool, "--check"], { stdio: "pipe" })).not.toThrow();
  });

  test.each(causes.map((cause) => [cause.id, cause] as const))("%s says what it is", (_, cause) => {
    expect(cause.title).toMatch(/^[A-Z"`]/);
    expect(cause.title.length).toBeLessThanOrEqual(72);
    expect(cause.about.length).toBeGreaterThan(120);
    expect(cause.decidedBy.length).toBeGreaterThan(0);
    if (cause.decide === undefined) expect(cause.decidedBy).toEqual(["live"]);
    expect(cause.explainedBy).not.toContain(cause.id);
  });
});

describe("the cases", () => {
  const expected = caseNames.map((name) => readExpectedOf(name));
  const named = (pick: (one: (typeof expected)[number]) => readonly string[] | undefined): Set<string> =>
    new Set(expected.flatMap((one) => pick(one) ?? []));

  test("there are at least 120", () => {
    expect(caseNames.length).toBeGreaterThanOrEqual(120);
  });

  test("every cause that documents decide is found in one and not found in another", () => {
    const found = named((one) => [...one.roots, ...(one.risks ?? []), ...(one.contributing ?? [])]);
    const missed = named((one) => [...(one.absent ?? []), ...(one.ruledOut ?? [])]);
    const decidable = causes.filter(
      ({ id, decidedBy }) => decidedBy.some((by) => by !== "live") && !(id in describedOnly),
    );
    expect(decidable.filter(({ id }) => !found.has(id)).map(({ id }) => id)).toEqual([]);
    expect(decidable.filter(({ id }) => !missed.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test("every id they name is in the catalogue", () => {
    const all = named((one) => [
      ...one.roots,
      ...(one.risks ?? []),
      ...(one.contributing ?? []),
      ...(one.absent ?? []),
      ...(one.undecided ?? []),
      ...(one.ruledOut ?? []),
      ...(one.verified ?? []),
      ...(one.unverified ?? []),
    ]);
    expect([...all].filter((id) => !(causeIds as readonly string[]).includes(id))).toEqual([]);
  });
});

describe("declared needs", () => {
  test("every facet a cause declares is one that it reads in some case", async () => {
    const read = new Map<string, Set<Facet>>(causes.map(({ id }) => [id, new Set()]));
    for (const name of caseNames) {
      const { kase, gateway } = await loadCase(name);
      for (const cause of causes) cause.decide?.(watched(kase, gateway, read.get(cause.id) as Set<Facet>));
    }
    // What is decided live reads some of its facets only once something was sent; the suites of test/live do that.
    const offline = causes.filter(({ decidedBy }) => !decidedBy.includes("live"));
    const unread = offline.flatMap(({ id, reads }) =>
      reads.filter((facet) => !read.get(id)?.has(facet)).map((facet) => `${id} declares ${facet}`),
    );
    const undeclared = causes.flatMap(({ id, reads }) =>
      [...(read.get(id) ?? [])]
        .filter((facet) => !reads.includes(facet))
        .map((facet) => `${id} reads ${facet}`),
    );
    expect(unread).toEqual([]);
    expect(undeclared).toEqual([]);
  });
});

const made = new WeakMap<Case, Facets>();

/** The facets of a case, noting which were looked at. */
function watched(kase: Case, gateway: Gateway, read: Set<Facet>): Facets {
  const facets = made.get(kase) ?? facetsOf(kase, gateway);
  made.set(kase, facets);
  return new Proxy(facets, {
    get(target, name: Facet) {
      read.add(name);
      return target[name];
    },
  });
}
