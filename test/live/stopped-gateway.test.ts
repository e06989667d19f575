import { expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { closedPortAt, httpAt } from "./support/servers.ts";

test("a stopped gateway explains nothing of a server that refuses whoever asks it", async () => {
  const address = ownAddress();
  const server = { name: "shop", servers: [address], port: await closedPortAt(address) };
  const told = await diagnoseLive({ "gateway.json": gatewayOf([server], { operationalState: "Stopped" }) });
  expect(told.roots.toSorted()).toEqual(["gateway-stopped", "tcp-refused"]);
});

test("a stopped gateway is all that is wrong where its servers answer", async () => {
  await using shop = await httpAt(ownAddress(), (_, response) => response.end("fine"));
  const server = { name: "shop", servers: [shop.address], port: shop.port };
  const told = await diagnoseLive({ "gateway.json": gatewayOf([server], { operationalState: "Stopped" }) });
  expect(told.roots).toEqual(["gateway-stopped"]);
});
