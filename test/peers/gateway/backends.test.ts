import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { startApache } from "../support/apache.ts";
import { startNginx } from "../support/nginx.ts";
import type { Peer } from "../support/peer.ts";
import { freePlace, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { type Curled, curl } from "./support/curl.ts";
import { type Served, serve } from "./support/served.ts";
import { apacheSite, makeSite, nginxSite, type Site } from "./support/site.ts";

/** One client against a gateway in front of the server. */
interface Front {
  readonly url: (path: string) => string;
  readonly site: Site;
}

interface Case {
  readonly name: string;
  readonly run: (front: Front) => Promise<void>;
}

const header = ({ headers }: Curled, name: string): string => (headers[name] ?? []).join(", ");

/** A second request on the same connection tells whether the first ended where both sides think it did. */
async function thenAnother({ url, site }: Front, args: readonly string[]): Promise<Curled> {
  const first = await curl(args);
  const both = await curl([
    ...args,
    "--next",
    "-q",
    "-sS",
    "--noproxy",
    "*",
    "-w",
    "%{num_connects}",
    url("/text.txt"),
  ]);
  expect(both.code).toBe(0);
  expect(both.body.subarray(-site.text.length - 1).toString()).toBe(`${site.text}0`);
  return first;
}

const cases: readonly Case[] = [
  {
    name: "a file with its length, and many on one connection",
    run: async ({ url, site }) => {
      const { status, body, headers } = await curl([url("/large.bin")]);
      expect([status, headers["content-length"]]).toEqual([200, [String(site.bytes.length)]]);
      expect(body.equals(site.bytes)).toBe(true);
      const many = await curl(Array.from({ length: 20 }, () => url("/text.txt")));
      expect(many.body.length).toBe(20 * site.text.length);
      expect(many.connects).toBe(0);
    },
  },
  {
    name: "what it compresses as it goes, in chunks",
    run: async ({ url, site }) => {
      const got = await curl(["-H", "Accept-Encoding: gzip", url("/text.txt")]);
      expect(header(got, "content-encoding")).toBe("gzip");
      expect(header(got, "transfer-encoding")).toBe("chunked");
      expect(gunzipSync(got.body).equals(site.text)).toBe(true);
    },
  },
  {
    name: "the same to HTTP/1.0, which knows no chunks",
    run: async ({ url, site }) => {
      const got = await curl(["--http1.0", "-H", "Accept-Encoding: gzip", url("/text.txt")]);
      expect([got.code, got.status, got.headers["transfer-encoding"]]).toEqual([0, 200, undefined]);
      expect(gunzipSync(got.body).equals(site.text)).toBe(true);
      const plain = await curl(["--http1.0", url("/large.bin")]);
      expect(plain.body.equals(site.bytes)).toBe(true);
    },
  },
  {
    name: "HEAD: the length, and no body",
    run: async (front) => {
      const got = await thenAnother(front, ["-I", front.url("/large.bin")]);
      expect(header(got, "content-length")).toBe(String(front.site.bytes.length));
      const chunked = await thenAnother(front, ["-I", "-H", "Accept-Encoding: gzip", front.url("/text.txt")]);
      expect(chunked.status).toBe(200);
    },
  },
  {
    name: "304 for what the client has, and 204",
    run: async (front) => {
      const tag = header(await curl([front.url("/large.bin")]), "etag");
      // Apache httpd calls the tag of a file weak while it is younger than a second.
      expect(tag).toMatch(/^(?:W\/)?"/);
      const got = await thenAnother(front, ["-H", `If-None-Match: ${tag}`, front.url("/large.bin")]);
      expect([got.status, got.body.length]).toEqual([304, 0]);
      expect(header(got, "etag").replace("W/", "")).toBe(tag.replace("W/", ""));
      const nothing = await thenAnother(front, [front.url("/nothing")]);
      expect([nothing.status, nothing.body.length]).toEqual([204, 0]);
    },
  },
  {
    name: "ranges: one, several, one beyond the end",
    run: async ({ url, site }) => {
      const one = await curl(["-r", "100000-199999", url("/large.bin")]);
      expect([one.status, header(one, "content-range")]).toEqual([
        206,
        `bytes 100000-199999/${site.bytes.length}`,
      ]);
      expect(one.body.equals(site.bytes.subarray(100_000, 200_000))).toBe(true);
      const two = await curl(["-r", "0-9,1000-1009", url("/large.bin")]);
      expect([two.status, header(two, "content-type")]).toEqual([
        206,
        expect.stringMatching(/^multipart\/byteranges/),
      ]);
      expect(two.body.includes(site.bytes.subarray(1000, 1010))).toBe(true);
      expect((await curl(["-r", "99999999-", url("/large.bin")])).status).toBe(416);
    },
  },
  {
    name: "a large upload that waits for 100 Continue",
    run: async ({ url, site }) => {
      const file = join(site.root, "large.bin");
      const wait = ["-H", "Expect: 100-continue", "--expect100-timeout", "10"];
      const got = await curl(["-v", "-T", file, ...wait, url("/dav/expected.bin")]);
      expect(got.says).toContain("< HTTP/1.1 100 Continue");
      expect(got.status).toBe(201);
      expect(readFileSync(join(site.root, "dav/expected.bin")).equals(site.bytes)).toBe(true);
    },
  },
  ...[100_000, 3_000_000].map((length) => ({
    name: `an upload of ${length} bytes in chunks`,
    run: async ({ url, site }: Front) => {
      const part = site.bytes.subarray(0, length);
      const got = await curl(["-T", "-", url(`/dav/chunked-${length}.bin`)], part);
      expect(got.status).toBe(201);
      expect(readFileSync(join(site.root, `dav/chunked-${length}.bin`)).equals(part)).toBe(true);
    },
  })),
  {
    name: "what takes longer than the time-out but never stands still",
    run: async ({ url, site }) => {
      const { status, body } = await curl([url("/slow/some.bin")]);
      expect(status).toBe(200);
      expect(body.equals(site.slow)).toBe(true);
    },
  },
  {
    name: "a redirect of its own, followed",
    run: async ({ url, site }) => {
      const got = await curl(["-L", "-v", url("/moved")]);
      expect(got.says).toMatch(/< Location: .*\/text\.txt\?from=moved/);
      expect(got.body.equals(site.text)).toBe(true);
    },
  },
];

const configuration = ({ address, port }: Place) => `
gateway:
  listeners: { web: { port: 80 } }
  pools: { app: [${address}] }
  settings:
    app: { port: ${port}, timeout: 1, probe: { path: /healthz, interval: 1 } }
`;

const servers = {
  nginx: (place: Place, site: Site, folder: string) => startNginx([nginxSite(place, site)], folder, place),
  "Apache httpd": (place: Place, site: Site, folder: string) =>
    startApache([apacheSite(place, site, folder)], folder, place),
} as const;

describe.each(Object.entries(servers))("a gateway in front of %s passes on", (_, start) => {
  const running = new AsyncDisposableStack();
  let front: Front | undefined;
  let peer: Peer | undefined;
  let gateway: Served | undefined;

  beforeAll(async () => {
    const { path } = running.use(peerFolder());
    const site = makeSite(path);
    const [behind, door] = [await freePlace(), await freePlace()];
    peer = running.use(await start(behind, site, path));
    gateway = running.use(await serve(configuration(behind), path, { 80: door }));
    front = { site, url: (name) => `http://${door.text}${name}` };
  });

  afterAll(() => running.disposeAsync());

  test.each(cases)("$name", async ({ run }) => {
    onTestFailed(() => console.error(`${gateway?.log()}\n${peer?.log().slice(-2_000)}`));
    if (front === undefined) throw new Error("nothing was started");
    await run(front);
  });

  test("and nothing of it was an error of the gateway", async () => {
    const rows = (await gateway?.end()) ?? [];
    expect(rows.length).toBeGreaterThan(40);
    expect(
      rows.filter(({ properties, causeway }) => properties.httpStatus >= 500 || causeway.ending !== "--"),
    ).toEqual([]);
    expect(rows.some(({ causeway }) => causeway.connection === "reused")).toBe(true);
  });
});
