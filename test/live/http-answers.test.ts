import { describe, expect, test } from "vitest";
import { webSocketAccept } from "../../src/probe/websocket.ts";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** What servers answer, and what is wrong with it. Probes ask for /health, which is fine unless told. */
interface AnswerCase {
  readonly name: string;
  readonly answer: (request: RawRequest) => RawAnswer;
  /** Path or whole URL that is given; without, a request is made up. */
  readonly url?: string;
  readonly setting?: Readonly<Record<string, unknown>>;
  /** Causes of the roots, in order. */
  readonly roots: readonly string[];
  readonly certainty?: "proven" | "likely" | "possible";
  readonly says?: RegExp;
  /** The check that could not decide. */
  readonly untold?: string;
  /** What the experiment changed that helped. */
  readonly helped?: string;
  readonly route?: { readonly outcome: string; readonly status: number | null };
}

const health = (answer: (request: RawRequest) => RawAnswer) => (request: RawRequest) =>
  request.path === "/health" ? plain(200) : answer(request);

const nginx502 =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const large = (bytes: number): string => `X-Large: ${"x".repeat(bytes)}`;
const manyLarge = Array.from({ length: 7 }, () => large(10_000));

const upgraded = (head: string): string => {
  const [, key = ""] = /^sec-websocket-key: (.*)$/im.exec(head) ?? [];
  const accept = webSocketAccept(key.trim());
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
};

const cases: readonly AnswerCase[] = [
  {
    name: "healthy: all is answered",
    answer: () => plain(200),
    url: "/cart",
    roots: [],
    route: { outcome: "ok", status: null },
  },
  {
    name: "healthy: nothing at a path that was made up",
    answer: health(() => plain(404, "nothing here")),
    roots: [],
    route: { outcome: "ok", status: null },
  },
  {
    name: "healthy: a stream that goes on",
    answer: health(() => ({ bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n" })),
    url: "/events",
    setting: { requestTimeout: 1 },
    roots: [],
  },
  {
    name: "backend-5xx: a request that was given, always",
    answer: health(() => plain(500, "oops")),
    url: "/cart",
    roots: ["backend-5xx"],
    // A Host that the application does not know may look the same: nothing that can be tried rules all of that out.
    certainty: "likely",
    says: /GET http:\/\/shop\.contoso\.example\/cart with 500/,
    route: { outcome: "degraded", status: 500 },
  },
  {
    name: "backend-5xx: a request that was made up",
    answer: health(() => plain(500, "oops")),
    roots: ["backend-5xx"],
    certainty: "possible",
    says: /GET http:\/\/shop\.contoso\.example\/ with 500/,
  },
  {
    name: "backend-5xx: at times",
    answer: health(({ before }) => (before === 0 ? plain(503, "busy") : plain(200))),
    url: "/cart",
    roots: ["backend-5xx"],
    certainty: "proven",
    helped: "moment of asking",
  },
  {
    name: "backend-5xx: the probe",
    answer: () => plain(500, "oops"),
    url: "/cart",
    roots: ["backend-5xx"],
    certainty: "likely",
    route: { outcome: "fails", status: 502 },
  },
  {
    name: "second-proxy-502: nginx says so",
    answer: health(() => plain(502, nginx502, ["Server: nginx"])),
    url: "/cart",
    roots: ["second-proxy-502"],
    // As with any error of the backend's: another Host may lead nginx elsewhere.
    certainty: "likely",
    says: /comes from nginx/,
  },
  {
    name: "second-proxy-502: the probe",
    answer: () => plain(502, nginx502, ["Server: nginx"]),
    url: "/cart",
    roots: ["second-proxy-502"],
  },
  {
    name: "second-proxy-502, not: the application's own 500 through nginx",
    answer: health(() => plain(500, "oops", ["Server: nginx"])),
    url: "/cart",
    roots: ["backend-5xx"],
  },
  {
    name: "http-204-body",
    answer: health(() => ({ bytes: "HTTP/1.1 204 No Content\r\n\r\noops" })),
    url: "/cart",
    roots: ["http-204-body"],
    certainty: "proven",
    route: { outcome: "degraded", status: 502 },
  },
  {
    name: "http-204-body, not: 204 alone",
    answer: health(() => ({ bytes: "HTTP/1.1 204 No Content\r\n\r\n" })),
    url: "/cart",
    roots: [],
  },
  {
    name: "http-204-body: the probe",
    answer: () => ({ bytes: "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\noops", ends: "close" }),
    url: "/cart",
    roots: ["http-204-body"],
    route: { outcome: "fails", status: 502 },
  },
  {
    name: "http-invalid-header: two ways to tell the length",
    answer: health(() => ({
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    })),
    url: "/cart",
    roots: ["http-invalid-header"],
    certainty: "proven",
    says: /both Transfer-Encoding and Content-Length/,
  },
  {
    name: "http-invalid-header: the probe",
    answer: () => ({ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine" }),
    url: "/cart",
    roots: ["http-invalid-header"],
    certainty: "proven",
    route: { outcome: "fails", status: 502 },
  },
  {
    name: "http-invalid-header, not told: what common proxies put up with",
    answer: health(() => ({ bytes: "HTTP/1.1 200 OK\nContent-Length: 4\n\nfine" })),
    url: "/cart",
    roots: [],
    untold: "http-invalid-header",
  },
  {
    name: "http-invalid-header, not told: the probe, with a line without a colon",
    answer: () => ({ bytes: "HTTP/1.1 200 OK\r\nready\r\nContent-Length: 4\r\n\r\nfine" }),
    url: "/cart",
    roots: [],
    untold: "http-invalid-header",
  },
  {
    name: "http-invalid-header: a null byte, which nobody takes",
    answer: health(() => ({ bytes: "HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 4\r\n\r\nfine" })),
    url: "/cart",
    roots: ["http-invalid-header"],
    certainty: "proven",
    says: /null byte/,
  },
  {
    name: "http-header-too-big",
    answer: health(() => plain(200, "fine", manyLarge)),
    url: "/sign-in",
    roots: ["http-header-too-big"],
    certainty: "proven",
    helped: "limit for headers",
    says: /headers of more than 66 KB/,
  },
  {
    name: "http-header-too-big, not: large, but taken",
    answer: health(() => plain(200, "fine", [large(20_000)])),
    url: "/sign-in",
    roots: [],
  },
  {
    name: "ntlm",
    answer: health(() => plain(401, "", ["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"])),
    url: "/intranet",
    roots: ["ntlm"],
    certainty: "proven",
    route: { outcome: "degraded", status: 401 },
  },
  {
    name: "ntlm, not: another way to sign in is offered too",
    answer: health(() => plain(401, "", ["WWW-Authenticate: NTLM", 'WWW-Authenticate: Basic realm="x"'])),
    url: "/intranet",
    roots: [],
  },
  {
    name: "ntlm, not: connections of their own",
    answer: health(() => plain(401, "", ["WWW-Authenticate: NTLM"])),
    url: "/intranet",
    setting: { dedicatedBackendConnection: true },
    roots: [],
  },
  {
    name: "websocket: the upgrade is refused, the page is there",
    answer: health(({ upgrade }) => (upgrade ? plain(400, "no") : plain(200))),
    url: "ws://shop.contoso.example/chat",
    roots: ["websocket"],
    certainty: "proven",
    helped: "upgrade",
  },
  {
    name: "websocket: a 101 for another key",
    answer: health(() => ({
      bytes:
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    })),
    url: "ws://shop.contoso.example/chat",
    roots: ["websocket"],
    certainty: "proven",
  },
  {
    name: "websocket, not for sure: nothing is there, with or without an upgrade",
    answer: health(() => plain(404, "nothing here")),
    url: "ws://shop.contoso.example/chat",
    roots: ["websocket"],
    certainty: "possible",
  },
  {
    name: "websocket, not: it is taken",
    answer: health(({ head }) => ({ bytes: upgraded(head) })),
    url: "ws://shop.contoso.example/chat",
    roots: [],
    route: { outcome: "ok", status: null },
  },
  {
    name: "websocket, not: the application itself fails, with or without an upgrade",
    answer: health(() => plain(500, "oops")),
    url: "ws://shop.contoso.example/chat",
    roots: ["backend-5xx"],
  },
  {
    name: "websocket, not: signing in comes first",
    answer: health(() => plain(401, "")),
    url: "ws://shop.contoso.example/chat",
    roots: [],
  },
];

describe("what servers answer", () => {
  test.concurrent.each(cases)("$name", async ({ answer, url, ...wanted }) => {
    await using server = await rawServer(answer);
    const { setting = {} } = wanted;
    const documents = {
      "gateway.json": gatewayOf([{ name: "shop", servers: [server.address], port: server.port, setting }]),
    };
    const whole = url === undefined || url.includes("://") ? url : `http://shop.contoso.example${url}`;
    const seen = await diagnoseLive(documents, [...(whole === undefined ? [] : ["--url", whole])]);
    expect(seen.roots).toEqual(wanted.roots);
    const first = seen.findings.find(({ role }) => role === "root");
    if (wanted.certainty !== undefined) expect(first?.certainty).toBe(wanted.certainty);
    if (wanted.says !== undefined) expect(first?.summary).toMatch(wanted.says);
    if (wanted.helped !== undefined) {
      expect(first?.experiments.find(({ helped }) => helped)?.changed).toBe(wanted.helped);
    }
    if (wanted.untold !== undefined) {
      expect(seen.checks).toContainEqual(
        expect.objectContaining({ cause: wanted.untold, status: "undecided" }),
      );
    }
    if (wanted.route !== undefined) expect(seen.routes).toMatchObject([wanted.route]);
  });
});

test("every route of one gateway fails in another way, and each is told for itself", async () => {
  const faults: Readonly<Record<string, (request: RawRequest) => RawAnswer>> = {
    "http-204-body": () => ({ bytes: "HTTP/1.1 204 No Content\r\n\r\noops" }),
    "http-invalid-header": () => ({
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine",
    }),
    "http-header-too-big": () => plain(200, "fine", manyLarge),
    "http-reset-midway": () => ({
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
      ends: "close",
    }),
    "timeout-v2": () => ({ ...plain(200), afterMs: 1400 }),
    "second-proxy-502": () => plain(502, nginx502),
    ntlm: () => plain(401, "", ["WWW-Authenticate: NTLM"]),
  };
  await using stack = new AsyncDisposableStack();
  const backends = await Promise.all(
    Object.entries(faults).map(async ([name, answer]) => {
      const server = stack.use(await rawServer(health(answer)));
      return { name, servers: [server.address], port: server.port, setting: { requestTimeout: 1 } };
    }),
  );
  const seen = await diagnoseLive({ "gateway.json": gatewayOf(backends) });
  expect([...seen.roots].sort()).toEqual(Object.keys(faults).sort());
  for (const { id, causedBy } of seen.routes) {
    const [name = ""] = id.split("/");
    expect(causedBy.map((one) => one.split(":")[0])).toEqual([name]);
  }
});

test("one of two servers answers 204 with a body: the other is well", async () => {
  await using well = await rawServer(() => plain(200));
  await using ill = await rawServer(health(() => ({ bytes: "HTTP/1.1 204 No Content\r\n\r\noops" })));
  const places = ["10.1.0.4", "10.1.0.5"];
  const documents = { "gateway.json": gatewayOf([{ name: "shop", servers: places, port: 8080 }]) };
  const mapped = [well, ill].flatMap(({ address, port }, index) => [
    "--backend",
    `${places[index]}:8080=${address}:${port}`,
  ]);
  const seen = await diagnoseLive(documents, ["--url", "http://shop.contoso.example/cart", ...mapped]);
  expect(seen.roots).toEqual(["http-204-body"]);
  expect(seen.finding("http-204-body").summary).toMatch(/^10\.1\.0\.5 of pool/);
  expect(seen.routes).toMatchObject([{ outcome: "degraded" }]);
});
