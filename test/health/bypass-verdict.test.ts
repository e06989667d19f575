import { describe, expect, test } from "vitest";
import {
  type BypassServer,
  type BypassTry,
  gatewayTry,
  serverTry,
  settleMakers,
  verdictOfBypass,
} from "../../src/health/bypass-verdict.ts";
import { verdictOfRequest } from "../../src/health/request-verdict.ts";
import type { DnsAnswer, ProbeObservation } from "../../src/model/probe-observation.ts";
import { observed, type Seen } from "../support/observed.ts";

const through = (seen: Seen, generation: "v1" | "v2" = "v2"): BypassTry =>
  gatewayTry(generation, observed(seen));

const straight = (observation: ProbeObservation): BypassTry =>
  serverTry(observation, verdictOfRequest("v2", observation, undefined));

const server = (place: string, ...tries: readonly Seen[]): BypassServer => ({
  place,
  tries: tries.map((seen) => straight(observed(seen))),
});

const header = (value: string) => ({ headers: [{ name: "Server", value }] });

describe("one try", () => {
  const rows: readonly (readonly [string, Seen, "v1" | "v2", object])[] = [
    ["a success", {}, "v2", { answer: "fine", madeBy: undefined }],
    [
      "what we refuse and others may take",
      { http: { outcome: "invalid", status: undefined, fault: { kind: "obs-fold", offset: 20 } } },
      "v2",
      { answer: "untold" },
    ],
    [
      "the same midway",
      { http: { outcome: "invalid", status: 200, fault: { kind: "bare-lf", offset: 60 } } },
      "v2",
      { answer: "untold", status: 200 },
    ],
    [
      "its own page",
      { http: { status: 502, pageOf: "application-gateway" } },
      "v2",
      { answer: "bad", madeBy: "gateway" },
    ],
    [
      "its name in the answer",
      { http: { status: 503, ...header("Microsoft-Azure-Application-Gateway/v2") } },
      "v2",
      { answer: "bad", madeBy: "gateway" },
    ],
    [
      "the page of IIS, v2",
      { http: { status: 502, pageOf: "iis" } },
      "v2",
      { answer: "bad", madeBy: "backend" },
    ],
    [
      "the page of IIS, v1",
      { http: { status: 502, pageOf: "iis" } },
      "v1",
      { answer: "bad", madeBy: undefined },
    ],
    [
      "a web server's name",
      { http: { status: 502, ...header("nginx") } },
      "v2",
      { answer: "bad", madeBy: undefined },
    ],
    [
      "somebody's 404",
      { http: { status: 404, pageOf: "nginx" } },
      "v2",
      { answer: "fine", madeBy: "backend" },
    ],
    [
      "silence",
      { http: { outcome: "timed-out-before-first-byte", status: undefined } },
      "v2",
      { answer: "bad", says: "The gateway takes the request and does not answer within 20 s." },
    ],
    [
      "half an answer",
      { http: { outcome: "reset-midway" } },
      "v2",
      { answer: "bad", kind: "http-cut", status: 200 },
    ],
    ["no connection", { tcp: { outcome: "refused" } }, "v2", { answer: "untold", kind: "tcp-refused" }],
  ];

  test.each(rows)("through the gateway: %s", (_, seen, generation, expected) => {
    expect(through(seen, generation)).toMatchObject(expected);
  });

  const answer = (role: DnsAnswer["role"]): ProbeObservation["dns"] => ({
    name: "app.contoso.example",
    unaskable: undefined,
    answers: [
      {
        server: "10.0.0.53",
        role,
        type: "A",
        outcome: "answered",
        transport: "udp",
        rcode: "NXDOMAIN",
        errno: undefined,
        fault: undefined,
        addresses: [],
        canonicalNames: [],
        chain: "complete",
        ttlS: undefined,
        sent: 1,
        ignored: 0,
        tookMs: 1,
      },
    ],
    differing: { amongGatewayServers: false, withOthers: false },
    used: [],
    tookMs: 1,
  });

  test("straight: what only holds on the way from here tells nothing", () => {
    const answers = (seen: Seen) => straight(observed(seen)).answer;
    expect(answers({ tcp: { outcome: "timed-out" } })).toBe("untold");
    expect(answers({ tcp: { outcome: "unreachable" } })).toBe("untold");
    expect(answers({ tcp: { outcome: "refused" } })).toBe("bad");
    expect(answers({ http: { status: 204, extraBytes: 2 } })).toBe("untold");
    expect(answers({ http: { status: 404 } })).toBe("fine");
    const unknown = (role: DnsAnswer["role"]) =>
      straight({ ...observed(), dns: answer(role), tcp: undefined, http: undefined }).answer;
    expect([unknown("system"), unknown("gateway")]).toEqual(["untold", "bad"]);
  });
});

describe("who made the errors", () => {
  const own = through({ http: { status: 502, pageOf: "application-gateway" } });
  const bare = through({ http: { status: 503 } });

  test.each([
    ["the gateway, when servers say otherwise", own, { http: { status: 500 } }, "gateway"],
    [
      "nobody knows, when a server is a gateway",
      own,
      { http: { status: 502, pageOf: "application-gateway" } },
      undefined,
    ],
    ["the server, when it says so itself", bare, { http: { status: 503 } }, "backend"],
    ["nobody knows, when it says something else", bare, { http: { status: 500 } }, undefined],
  ] as const)("%s", (_, one, seen, expected) => {
    expect(settleMakers([one], [server("s", seen)])[0]?.madeBy).toBe(expected);
  });
});

describe("whose error it is", () => {
  const good: Seen = {};
  const bad: Seen = { http: { status: 500 } };
  const untold: Seen = { tcp: { outcome: "timed-out" } };
  const refused: Seen = { tcp: { outcome: "refused" } };

  /** Through the gateway, each server, then what it comes to and whether a failure was seen. */
  const rows: readonly (readonly [readonly Seen[], readonly (readonly Seen[])[], string, boolean])[] = [
    [[good, good], [[good, good]], "not-reproduced", false],
    [[good], [[untold]], "not-reproduced", false],
    [[good], [], "not-reproduced", false],
    [[bad, good], [[good, good]], "gateway-only", true],
    [[bad], [[good], [untold]], "could-not-tell", true],
    [[bad], [[untold]], "could-not-tell", true],
    [[bad], [[bad]], "backend-fails", true],
    [[bad], [[bad], [untold]], "backend-fails", true],
    [[bad], [[bad], [good]], "some-servers", true],
    [[good], [[bad], [good]], "some-servers", true],
    [[good, good], [[bad, good]], "backend-fails", true],
    [[good], [[bad]], "could-not-tell", true],
    [[good], [[bad], [untold]], "could-not-tell", true],
    [[refused], [[bad]], "backend-fails", true],
    [[refused], [[good]], "could-not-tell", false],
    [[refused], [[untold]], "could-not-tell", false],
    [[], [[]], "could-not-tell", false],
    [[{ http: { status: 403 } }], [[good]], "gateway-only", true],
    [[{ http: { status: 403 } }], [[{ http: { status: 403 } }]], "not-reproduced", false],
  ];

  test.each(rows)("%j and %j: %s", (gateway, servers, outcome, failureSeen) => {
    const found = verdictOfBypass(
      gateway.map((seen) => through(seen)),
      servers.map((tries, index) => server(`s${index}`, ...tries)),
      undefined,
    );
    expect(found).toMatchObject({ outcome, failureSeen });
    expect(found.says).toMatch(/^[A-Z].*[^.]\.$/);
  });

  test("names at most five servers", () => {
    const servers = Array.from({ length: 8 }, (_, index) => server(`s${index}`, index === 0 ? good : bad));
    expect(verdictOfBypass([through(bad)], servers, undefined).says).toBe(
      "Only some servers fail, 7 of the 8: s1, s2, s3, s4, s5 and 2 more; at s1: the server answers 500.",
    );
  });
});
