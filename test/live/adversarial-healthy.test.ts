import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** Servers that are out of the ordinary and well. */
interface OddWorld {
  readonly name: string;
  readonly answer: (request: RawRequest) => RawAnswer;
  readonly backend?: Partial<LiveBackend>;
  readonly urls?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
  /** Of the route. */
  readonly outcome?: "ok" | "unknown";
}

const shop = "http://shop.contoso.example";
const isProbe = ({ path }: RawRequest): boolean => path === "/health";
const forOthers =
  (answer: RawAnswer) =>
  (request: RawRequest): RawAnswer =>
    isProbe(request) ? plain(200) : answer;
const bare = (text: string, body: string): RawAnswer => ({ bytes: `${text}\r\n\r\n${body}` });
const large = "x".repeat(200_000);
const zipped = gzipSync("fine").toString("latin1");

const worlds: readonly OddWorld[] = [
  {
    name: "everybody is sent to a login",
    answer: forOthers(plain(302, "", ["Location: https://login.contoso.example/?back=1"])),
    urls: [`${shop}/`, `${shop}/cart`],
  },
  { name: "clients have to log in", answer: forOthers(plain(401, "no", ["WWW-Authenticate: Bearer"])) },
  { name: "clients are refused", answer: forOthers(plain(403, "no")), urls: [`${shop}/cart`] },
  { name: "nothing at /", answer: forOthers(plain(404, "nothing")), urls: [`${shop}/`] },
  { name: "everything is 400", answer: forOthers(plain(400, "bad")), urls: [`${shop}/`] },
  { name: "the probe's status is the last that is fine", answer: () => plain(399, "odd") },
  { name: "connections are kept", answer: () => ({ ...plain(200), ends: "keep" }) },
  { name: "nothing is said", answer: () => plain(200, "") },
  {
    name: "every connection is closed",
    answer: () => ({ ...plain(200, "fine", ["Connection: close"]), ends: "close" }),
  },
  {
    name: "HTTP/1.0, told by closing",
    answer: () => ({ ...bare("HTTP/1.0 200 OK", "fine"), ends: "close" }),
  },
  {
    name: "HTTP/1.1 without a length, told by closing",
    answer: () => ({ ...bare("HTTP/1.1 200 OK\r\nConnection: close", "fine"), ends: "close" }),
  },
  {
    name: "chunks with fields after them",
    answer: () =>
      bare(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum",
        "4;ext=1\r\nfine\r\n0\r\nX-Sum: 1\r\n\r\n",
      ),
  },
  {
    name: "interim answers first",
    answer: () =>
      bare(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4",
        "fine",
      ),
  },
  {
    name: "slow, in time",
    answer: () => ({ ...plain(200), afterMs: 700 }),
    backend: { probe: { timeout: 1 } },
  },
  { name: "more than 64 KiB", answer: () => plain(200, large), urls: [`${shop}/report`] },
  {
    name: "more than 64 KiB, and the text looked for at the beginning",
    answer: () => plain(200, `fine${large}`),
    backend: { probe: { match: { body: "fine", statusCodes: ["200"] } } },
  },
  {
    name: "compressed",
    answer: () =>
      bare(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}`, zipped),
  },
  {
    name: "idle connections are closed after a second",
    answer: () => ({ ...plain(200, "fine", ["Keep-Alive: timeout=1"]), ends: "keep", idleMs: 1000 }),
  },
  {
    name: "HEAD and OPTIONS are not allowed",
    answer: ({ head }) => (head.startsWith("GET ") ? plain(200) : plain(405, "no", ["Allow: GET"])),
  },
  { name: "HSTS", answer: () => plain(200, "fine", ["Strict-Transport-Security: max-age=31536000"]) },
  { name: "204 without a body", answer: () => bare("HTTP/1.1 204 No Content", "") },
  { name: "304", answer: () => bare("HTTP/1.1 304 Not Modified", "") },
  {
    name: "more requests than are allowed",
    answer: (() => {
      let asked = 0;
      return () => (++asked > 2 ? plain(429, "slow down", ["Retry-After: 1"]) : plain(200));
    })(),
    urls: [`${shop}/`],
  },
  {
    name: "a redirect to HTTPS of the same name",
    answer: forOthers(plain(301, "", [`Location: https://shop.contoso.example/`])),
    urls: [`${shop}/`],
  },
  {
    name: "minServers",
    answer: () => plain(200),
    backend: { probe: { minServers: 1 } },
  },
  {
    name: "a path before every path",
    answer: ({ path }) => (path.startsWith("/inner/") || path === "/health" ? plain(200) : plain(404)),
    backend: { setting: { path: "/inner/" } },
    urls: [`${shop}/cart`],
  },
  {
    name: "fields in lower case, folded names and bytes beyond ASCII in values",
    answer: () => plain(200, "fine", ["x-name: caf\u00e9", "server:nginx", "x-empty:"]),
  },
  {
    name: "no reason phrase",
    answer: () => ({ bytes: "HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nfine" }),
  },
];

describe("servers that are odd and well", () => {
  test.for(worlds)("$name", async ({ answer, backend, urls = [], more, words = [], outcome = "ok" }) => {
    // Most close, or each case would wait for what may come after an answer.
    await using server = await rawServer((request) => ({ ends: "close", ...answer(request) }));
    const { address, port } = server;
    const documents = {
      "gateway.json": gatewayOf([{ name: "shop", servers: [address], port, ...backend }], more),
    };
    const seen = await diagnoseLive(documents, [...urls.flatMap((url) => ["--url", url]), ...words]);
    expect({ roots: seen.roots, code: seen.code, outcome: seen.routes[0]?.outcome }).toEqual({
      roots: [],
      code: 0,
      outcome,
    });
  });
});
