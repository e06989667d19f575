import { describe, expect, test } from "vitest";
import { intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls } from "./support/tls-scene.ts";

const plainly = {
  server: sending(leaf, intermediate),
  setting: { protocol: "Http" },
  probe: { protocol: "Http" },
  attached: [],
} as const;

describe("a setting that speaks plain HTTP to servers with TLS", () => {
  test("is to trust their root too, where it was uploaded: the fix is tried and does", async () => {
    const told = await seeTls({ ...plainly, uploaded: { contoso: root } });
    expect(told.roots).toEqual(["protocol-http-to-tls"]);
    const { fix } = told.finding("protocol-http-to-tls");
    expect(fix).toMatchObject({ verified: true });
    expect(fix?.summary).toContain("Attach trusted root contoso");
  });

  test("is not said to be repaired by the protocol alone where nobody has the root", async () => {
    const told = await seeTls({ ...plainly, uploaded: {} });
    expect(told.roots).toEqual(["protocol-http-to-tls"]);
    expect(told.finding("protocol-http-to-tls").fix).toMatchObject({ verified: false });
  });

  test("learns the certificate itself on v1, as it was seen", async () => {
    const told = await seeTls({ ...plainly, uploaded: {}, v1: true });
    const { fix } = told.finding("protocol-http-to-tls");
    expect(fix).toMatchObject({ verified: true });
    expect(fix?.summary).toMatch(/as authentication certificate/);
  });
});
