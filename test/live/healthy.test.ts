import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";

describe("a gateway whose servers are well", () => {
  test("has no finding that makes a route fail, and every route is ok", async () => {
    const address = ownAddress();
    const asked: string[] = [];
    const server = createServer(({ method, url, headers }, response) => {
      asked.push(`${method} ${url} ${headers.host}`);
      response.end("fine");
    });
    await new Promise<void>((done) => server.listen(0, address, done));
    try {
      const { port } = server.address() as AddressInfo;
      const documents = { "gateway.json": gatewayOf([{ name: "shop", servers: [address], port }]) };
      const seen = await diagnoseLive(documents, ["--url", "http://shop.contoso.example/?secret=s3cr3t"]);
      expect(seen.roots).toEqual([]);
      expect(seen.code).toBe(0);
      expect(seen.routes).toMatchObject([{ outcome: "ok", status: null }]);
      expect(asked.sort()).toEqual([
        "GET /?secret=s3cr3t shop.contoso.example",
        "GET /health app.contoso.example",
      ]);
      expect(seen.recorded.join("\n")).not.toContain("s3cr3t");
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
});
