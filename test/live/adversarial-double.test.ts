import { describe, expect, test } from "vitest";
import { diagnoseNames } from "./support/dns-world.ts";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { answering, type HttpBackend, httpBackend } from "./support/http-backend.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { plain, rawServer } from "./support/raw-server.ts";
import { closedPortAt } from "./support/servers.ts";
import { certificate, intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls } from "./support/tls-scene.ts";

/** Roots that must be told where two things are wrong: each has to be one of them, and none proven that is not. */
interface Told {
  readonly roots: readonly string[];
  readonly findings: readonly { readonly cause: string; readonly role: string; readonly certainty: string }[];
}

function expectAmong({ findings }: Told, faults: readonly string[]): void {
  const proven = findings
    .filter(({ role, certainty }) => role === "root" && certainty === "proven")
    .map(({ cause }) => cause);
  expect(proven.filter((cause) => !faults.includes(cause))).toEqual([]);
}

const shop = "shop.contoso.example";
const worlds: readonly {
  readonly name: string;
  readonly start: () => Promise<HttpBackend>;
  readonly backend?: Partial<LiveBackend>;
  readonly faults: readonly string[];
}[] = [
  {
    name: "host and path of the probe",
    start: () =>
      httpBackend(answering(({ host, path }) => (host === shop && path !== "/health" ? 200 : 404))),
    faults: ["probe-host", "probe-path"],
  },
  {
    name: "default probe: host and path",
    start: () => httpBackend(answering(({ host, path }) => (host === shop && path === "/api" ? 200 : 404))),
    backend: { probe: false },
    faults: ["probe-default-host", "probe-default-root"],
  },
  {
    name: "path of the probe, and requests fail by themselves",
    start: () => httpBackend(answering(({ path }) => (path === "/" ? 500 : path === "/ok" ? 200 : 404))),
    faults: ["probe-path", "backend-5xx"],
  },
  {
    name: "the probe is late, and requests fail by themselves",
    start: () =>
      httpBackend(
        answering(({ path }) => (path === "/health" ? { status: 200, afterMs: 1_500 } : { status: 503 })),
      ),
    backend: { probe: { timeout: 1 }, setting: { requestTimeout: 4 } },
    faults: ["probe-timeout-short", "backend-5xx"],
  },
  {
    name: "body and status of the probe",
    start: () => httpBackend(answering(() => ({ status: 201, body: "up" }))),
    backend: { probe: { match: { statusCodes: ["200"], body: "healthy" } } },
    faults: ["probe-narrow-match", "probe-body"],
  },
];

describe("two things are wrong at once", () => {
  test.for(worlds)("$name", async ({ start, backend, faults }) => {
    await using server = await start();
    const { address, port } = server;
    const documents = { "gateway.json": gatewayOf([{ name: "shop", servers: [address], port, ...backend }]) };
    const seen = await diagnoseLive(documents, ["--experiments", "all"]);
    expectAmong(seen, faults);
    expect(seen.code).toBe(1);
  });

  test("certificate: too old and for another name", async () => {
    const moments = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2021, 0, 1) };
    const old = certificate({
      issuer: intermediate,
      ...moments,
      commonName: "other.example",
      names: ["other.example"],
    });
    const seen = await seeTls({ server: sending(old, intermediate), words: ["--experiments", "all"] });
    expectAmong(seen, ["tls-expired", "tls-name-probe", "tls-live-name-mismatch"]);
    expect(seen.roots).toContain("tls-expired");
  });

  test("port and protocol", async () => {
    await using other = await httpBackend(answering(() => 200));
    const closed = await closedPortAt(other.address);
    const backend = { name: "shop", servers: [other.address], port: closed, protocol: "Https" as const };
    const spare = { name: "spare", servers: [ownAddress()], port: other.port, probe: false as const };
    const seen = await diagnoseLive({ "gateway.json": gatewayOf([backend, spare]) }, [
      "--experiments",
      "all",
    ]);
    expectAmong({ ...seen, findings: seen.findings }, ["tcp-refused", "port-wrong", "protocol-tls-to-http"]);
  });

  test("one server of three fails, and another in another way", async () => {
    const [a, c] = [await rawServer(() => plain(200)), ownAddress()];
    await using first = a;
    await using second = await httpBackend(
      answering(() => 500),
      first.port,
    );
    const documents = {
      "gateway.json": gatewayOf([
        { name: "shop", servers: [first.address, second.address, c], port: first.port },
      ]),
    };
    const seen = await diagnoseLive(documents, ["--experiments", "all"]);
    expect([...seen.roots].sort()).toEqual(["backend-5xx", "tcp-refused"]);
    expect(seen.routes[0]?.outcome).toBe("degraded");
  });

  test("another port answers a request with 404: that is nobody's application", async () => {
    await using other = await rawServer(({ path }) => plain(path === "/health" ? 200 : 404));
    const port = await closedPortAt(other.address);
    const probe = { port: other.port };
    const documents = {
      "gateway.json": gatewayOf([{ name: "shop", servers: [other.address], port, probe }]),
    };
    const seen = await diagnoseLive(documents, ["--url", `http://${shop}/cart`]);
    expect(seen.code).toBe(1);
    const proven = seen.findings.filter(({ certainty }) => certainty === "proven").map(({ cause }) => cause);
    expect(proven).not.toContain("port-wrong");
  });

  test("and a chain that is well stays well", async () => {
    const seen = await seeTls({ server: sending(leaf, intermediate, root) });
    expect(seen.roots).toEqual([]);
  });
});

describe("what helps one name", () => {
  test("is no proof for another that fails alike", async () => {
    await using good = await httpBackend(answering(() => 200));
    await using stale = await httpBackend(
      answering(() => 404),
      good.port,
    );
    await using other = await httpBackend(
      answering(({ path }) => (path === "/" ? 200 : 404)),
      good.port,
    );
    const [one, two] = ["one.corp.contoso.example", "two.corp.contoso.example"];
    const seen = await diagnoseNames({
      backends: [{ name: "shop", servers: [one, two], port: good.port }],
      own: [{ [one]: [stale.address], [two]: [other.address] }],
      compare: [{ [one]: [good.address], [two]: [other.address] }],
      words: ["--experiments", "all"],
    });
    const told = seen.findings
      .filter(({ role }) => role === "root")
      .map(({ cause, certainty, summary }) => [
        cause,
        certainty,
        [one, two].filter((name) => summary.includes(name)),
      ]);
    expect(told).toEqual([
      ["probe-path", "proven", [two]],
      ["dns-stale-address", "proven", [one]],
    ]);
  });
});
