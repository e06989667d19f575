import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFailed, test } from "vitest";
import { appName, pki, writeChain } from "../support/pki.ts";
import { freePlace, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { browse } from "./support/browser.ts";
import { resources, servePage } from "./support/page.ts";
import { serve } from "./support/served.ts";
import { startWebSocketServer } from "./support/websocket.ts";

const configuration = (pages: Place, sockets: Place, http2: boolean) => `
gateway:
  http2: ${http2}
  certificates: { site: {} }
  listeners: { shop: { port: 443, certificate: site, hosts: [${appName}] } }
  rules:
    shop: { listener: shop, pool: pages, paths: { /ws/*: sockets } }
  pools: { pages: [${pages.address}], sockets: [${sockets.address}] }
  settings:
    pages: { port: ${pages.port}, timeout: 10, probe: { path: /healthz, interval: 1 } }
    sockets: { port: ${sockets.port}, timeout: 10, probe: { path: /healthz, interval: 1 } }
`;

const reportWithinMs = 40_000;

test.each([
  ["HTTP/1.1", false, "http/1.1"],
  ["HTTP/2", true, "h2"],
])(
  "a browser loads a page over TLS and %s, posts, and talks over a WebSocket",
  async (_, http2, protocol) => {
    using folder = peerFolder();
    const { path } = folder;
    const [pages, sockets, door] = [await freePlace(), await freePlace(), await freePlace()];
    await using server = await servePage(pages);
    await using _sockets = await startWebSocketServer(path, sockets);
    const certificate = writeChain(path, "site", [pki.leaf, pki.intermediate]);
    const yaml = configuration(pages, sockets, http2);
    await using gateway = await serve(yaml, path, { 443: door }, ["--certificate", `site=${certificate}`]);
    await using browser = browse(`https://${appName}:${door.port}/`, {
      folder: path,
      hosts: `MAP ${appName} ${door.address}`,
    });
    onTestFailed(() => console.error(`${gateway.log()}\n${browser.log().slice(-3_000)}`));
    const report = await Promise.race([server.report, sleep(reportWithinMs, undefined, { ref: false })]);
    expect(report).toMatchObject({ protocols: [protocol], socket: ["/ws/chat hello", "4001"] });
    expect([...(report?.loaded ?? [])].sort()).toEqual(resources);
    expect(report?.posted[0]).toBe(report?.posted[1]);
    const rows = await gateway.end();
    expect(rows.filter(({ properties }) => properties.httpStatus >= 500)).toEqual([]);
    expect(rows.some(({ properties }) => properties.httpStatus === 101)).toBe(true);
  },
  60_000,
);
