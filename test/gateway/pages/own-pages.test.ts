import { describe, expect, test } from "vitest";
import { ownPagesOf } from "../../../src/gateway/pages/own-pages.ts";
import { pageOf } from "../../../src/health/error-page.ts";

const none = { pageFor: () => undefined };
const statuses = [400, 403, 404, 405, 408, 413, 500, 502, 503, 504, 599];

describe("pages of the gateway's own", () => {
  test.each([
    ["v2", false, "causeway", "Causeway"],
    ["v1", false, "causeway", "Causeway"],
    ["v2", true, "application-gateway", "Microsoft-Azure-Application-Gateway/v2"],
    ["v1", true, "iis", "Causeway"],
  ] as const)(
    "%s, look-alike %s: every page is known as one of %s",
    (generation, azurePages, product, server) => {
      const pages = ownPagesOf({ generation, errorPages: none, azurePages });
      expect(pages.server).toBe(server);
      for (const status of statuses) {
        const { contentType, body } = pages.pageFor(undefined, status);
        expect(contentType).toBe("text/html");
        expect(pageOf(status, body.toString())).toBe(product);
        expect(body.toString()).toContain(`${status} `);
      }
    },
  );

  test("those of the configuration come first, status by status", () => {
    const body = Buffer.from("<p>Contoso is closed</p>");
    const errorPages = { pageFor: (_: unknown, status: number) => (status === 502 ? body : undefined) };
    const pages = ownPagesOf({ generation: "v2", errorPages, azurePages: true });
    expect(pages.pageFor(undefined, 502).body).toBe(body);
    expect(pages.pageFor(undefined, 502)).toBe(pages.pageFor(undefined, 502));
    expect(pages.pageFor(undefined, 504).body).not.toBe(body);
  });
});
