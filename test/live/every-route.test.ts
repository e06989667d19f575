import { describe, expect, test } from "vitest";
import { brokenWorld } from "./support/broken-world.ts";
import { diagnoseLive } from "./support/live-case.ts";

describe("a gateway every route of which fails for another reason", () => {
  test("each is named, proven, with what proves it", { timeout: 180_000 }, async () => {
    await using world = await brokenWorld();
    const seen = await diagnoseLive(world.documents, [
      ...["--experiments", "all"],
      ...world.clientUrls.flatMap((url) => ["--url", url]),
    ]);
    const told = seen.routes.map(({ id, outcome, causedBy }) => ({
      route: id.split("/")[0],
      outcome,
      causes: causedBy.map((finding) => {
        const { cause, certainty } = seen.findings.find((one) => one.id === finding) ?? {};
        return `${cause} ${certainty}`;
      }),
    }));
    expect(told).toEqual(
      world.routes.map(({ name, cause }) => ({
        route: name,
        // Where the probe is fine and one request fails, others may be served.
        outcome: world.clientUrls.some((url) => url.includes(`//${name}.`)) ? "degraded" : "fails",
        causes: [`${cause} proven`],
      })),
    );
    expect(seen.code).toBe(1);
  });
});
