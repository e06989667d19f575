import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { diagnoseLive, type LiveDiagnosis } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** A route of a random gateway, well in all. */
interface WellRoute {
  readonly probe: "own" | "default" | "picked";
  readonly answers: keyof typeof answers;
  readonly hostName: boolean;
  readonly paths: boolean;
  readonly v1: boolean;
  readonly path: "" | "/inner/";
}

/** What clients get; probes are fine always. */
const answers = {
  fine: () => plain(200),
  empty: () => plain(200, ""),
  login: () => plain(302, "", ["Location: https://login.contoso.example/"]),
  "not signed in": () => plain(401, "no", ["WWW-Authenticate: Bearer"]),
  nothing: () => plain(404, "nothing"),
  refused: () => plain(403, "no"),
  chunks: () => ({ bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n" }),
  old: () => ({ bytes: "HTTP/1.0 200 OK\r\n\r\nfine" }),
  large: () => plain(200, "x".repeat(70_000)),
} as const;

const wellRoute: fc.Arbitrary<WellRoute> = fc.record({
  probe: fc.constantFrom("own", "default", "picked"),
  answers: fc.constantFrom(...(Object.keys(answers) as (keyof typeof answers)[])),
  hostName: fc.boolean(),
  paths: fc.boolean(),
  v1: fc.boolean(),
  path: fc.constantFrom("", "/inner/"),
});

type Server = (request: RawRequest) => RawAnswer;

const probePath = "/health";
const hostOf = (head: string): string => /^host: ([^:\r\n]*)/im.exec(head)?.[1] ?? "";

/** Answers the route's probe well, and clients as it is told. */
function serverOf({ answers: kind, probe }: WellRoute): Server {
  return ({ path }) => {
    const isProbe = path === probePath || (probe === "default" && (path === "/" || path === "/inner/"));
    return { ends: "close", ...(isProbe ? plain(200) : answers[kind]()) };
  };
}

interface Fault {
  readonly cause: string;
  /** Experiments have to wait for it. */
  readonly slow?: true;
  /** Where it can be seen at all. */
  readonly on: (route: WellRoute) => boolean;
  readonly breaks: (server: Server, route: WellRoute) => Server;
}

const isOwn = ({ probe }: WellRoute): boolean => probe === "own";
const isAnswered = ({ answers: kind }: WellRoute): boolean => kind === "fine" || kind === "empty";
const toProbe = (server: Server, answer: RawAnswer): Server => {
  return (request) => (request.path === probePath ? { ends: "close", ...answer } : server(request));
};

const faults: readonly Fault[] = [
  {
    cause: "probe-path",
    on: (route) => isOwn(route) && route.answers === "fine",
    breaks: (server) => toProbe(server, plain(404, "nothing")),
  },
  {
    cause: "probe-host",
    on: (route) => isOwn(route) && isAnswered(route),
    breaks: (server) => (request) =>
      hostOf(request.head) === "app.contoso.example" ? { ...plain(404), ends: "close" } : server(request),
  },
  {
    cause: "probe-auth",
    on: (route) => isOwn(route) && isAnswered(route),
    breaks: (server) => toProbe(server, plain(401, "no", ["WWW-Authenticate: Basic"])),
  },
  {
    cause: "backend-5xx",
    on: () => true,
    breaks: () => () => ({ ...plain(500, "oops"), ends: "close" }),
  },
  {
    cause: "http-reset-midway",
    on: () => true,
    breaks: () => () => ({
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nfi",
      ends: "close",
    }),
  },
  {
    cause: "probe-timeout-short",
    slow: true,
    on: isOwn,
    breaks: (server) => toProbe(server, { ...plain(200), afterMs: 1_150 }),
  },
];

const probes = {
  own: { timeout: 1 },
  picked: { host: null, pickHostNameFromBackendHttpSettings: true },
  default: false,
} as const;

function backendOf(route: WellRoute, name: string, servers: readonly string[], port: number): LiveBackend {
  const { probe, hostName, paths, path } = route;
  return {
    name,
    servers,
    port,
    probe: probes[probe],
    ...(paths && { paths: ["/shop/*"] }),
    setting: {
      requestTimeout: 3,
      ...((hostName || probe === "picked") && { hostName: "origin.contoso.example" }),
      ...(path !== "" && { path }),
    },
  };
}

/** One world, its first route broken where there is a fault. */
async function look(routes: readonly WellRoute[], fault?: Fault): Promise<LiveDiagnosis> {
  await using started = new AsyncDisposableStack();
  const backends: LiveBackend[] = [];
  for (const [index, route] of routes.entries()) {
    const well = serverOf(route);
    const server = index === 0 && fault !== undefined ? fault.breaks(well, route) : well;
    const { address, port } = started.use(await rawServer(server));
    backends.push(backendOf(route, `r${index}`, [address], port));
  }
  const v1 = routes.some((route) => route.v1)
    ? { sku: { name: "Standard_Medium", tier: "Standard", capacity: 2 } }
    : {};
  return await diagnoseLive({ "gateway.json": gatewayOf(backends, v1) });
}

const told = ({ roots, code, routes }: LiveDiagnosis) => ({
  roots,
  code,
  outcomes: [...new Set(routes.map(({ outcome }) => outcome))],
});

describe("random gateways on real servers", () => {
  test("all is well: no root, every route ok", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wellRoute, { minLength: 1, maxLength: 4 }), async (routes) => {
        expect(told(await look(routes))).toEqual({ roots: [], code: 0, outcomes: ["ok"] });
      }),
      { numRuns: 30 },
    );
  });

  test.for(faults)("one fault: $cause and no other root", async (fault) => {
    await fc.assert(
      fc.asyncProperty(
        wellRoute.filter(fault.on),
        fc.array(wellRoute, { maxLength: 2 }),
        async (broken, others) => {
          const seen = await look([broken, ...others], fault);
          expect(seen.roots).toEqual([fault.cause]);
          expect(seen.code).toBe(1);
        },
      ),
      { numRuns: fault.slow === true ? 1 : 5 },
    );
  });
});
