import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asRecorded, recordingHead, recordingLine } from "../../../src/documents/observations/recording.ts";
import type { HttpPhase, ProbeObservation } from "../../../src/model/probe-observation.ts";
import { readOne } from "../support.ts";
import { answered, head, observation, recording, startedAtMs } from "./composed.ts";
import { randomObservation } from "./random-observation.ts";

const schema = readFileSync(new URL("../../../schema/observations.v1.schema.json", import.meta.url), "utf8");
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  JSON.parse(schema) as object,
);

function faultsOf(line: string): unknown {
  validate(JSON.parse(line));
  return validate.errors ?? [];
}

function keptHeader(name: string, value: string): string | undefined {
  return asRecorded(observation({}, { headers: [{ name, value }] })).http?.headers[0]?.value;
}

function keptBytes(text: string): string {
  const firstBytesBase64 = Buffer.from(text, "latin1").toString("base64");
  const { http } = asRecorded(observation({}, { outcome: "invalid", firstBytesBase64 }));
  return Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString("latin1");
}

describe("what is written", () => {
  it("begins with what wrote it, when and where", () => {
    expect(head).toBe(
      '{"format":"causeway/observations/v1","tool":"causeway/0.1.0","startedAt":"2026-06-01T08:00:00.000Z","place":{"host":"jump01.contoso.example","fromAddress":null}}\n',
    );
    expect(faultsOf(head)).toEqual([]);
    const elsewhere = { version: "1.0.0-rc.1+a", startedAtMs: 0, host: undefined, fromAddress: "10.0.0.9" };
    expect(faultsOf(recordingHead(elsewhere))).toEqual([]);
  });

  it("is one line, without what is not known", () => {
    const line = recordingLine(observation());
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(Object.keys(JSON.parse(line) as object)).toEqual(["startedAtMs", "sent", "tcp", "http"]);
    expect(line).not.toContain("null");
  });

  it("is what the schema says, and is read back as it was but for what is never kept", async () => {
    await fc.assert(
      fc.asyncProperty(randomObservation, async (seen) => {
        const line = recordingLine(seen);
        expect(faultsOf(line)).toEqual([]);
        const { observations, failures } = await readOne(head + line);
        expect(failures).toEqual([]);
        const [read] = observations.live;
        expect(read?.observation).toEqual(asRecorded(seen));
        expect(comparable(read?.observation)).toEqual(comparable(seen));
        expect(recordingLine(read?.observation as ProbeObservation)).toBe(line);
      }),
      { numRuns: 1000 },
    );
  });

  it("fits in a line even at its largest", async () => {
    const seen = largest();
    const line = recordingLine(seen);
    expect(Buffer.byteLength(line)).toBeGreaterThan(256 * 1024);
    expect(faultsOf(line)).toEqual([]);
    const { observations, failures } = await readOne(head + line);
    expect(failures).toEqual([]);
    expect(observations.live).toHaveLength(1);
  });

  it("is cut down to the bounds, so that it can be read back", () => {
    const seen = observation(
      { startedAtMs: -5, fromAddress: "x".repeat(1000) },
      {
        bytesSent: Number.NaN,
        tookMs: Number.POSITIVE_INFINITY,
        interim: Array.from({ length: 500 }, () => 102),
        bodyBytes: 1.5,
      },
    );
    expect(faultsOf(recordingLine(seen))).toEqual([]);
    const kept = asRecorded(seen);
    expect(kept).toMatchObject({ startedAtMs: 0, http: { bytesSent: 0, tookMs: 1e9, bodyBytes: 1 } });
    expect(kept.fromAddress).toHaveLength(128);
    expect(kept.http?.interim).toHaveLength(32);
  });
});

describe("what is never written", () => {
  it("no secret of headers, body, query or user name", () => {
    const secret = "S3cr3tV4lue";
    const place = fc.constantFrom<((value: string) => ProbeObservation)[]>(
      (value) =>
        observation({}, { headers: [{ name: "Set-Cookie", value: `ARRAffinity=${value}; Path=/` }] }),
      (value) => observation({}, { headers: [{ name: "X-Contoso-Anything", value }] }),
      (value) =>
        observation({}, { headers: [{ name: "Location", value: `https://a.example/in?code=${value}` }] }),
      (value) =>
        observation({}, { headers: [{ name: "location", value: `https://u:${value}@a.example/in` }] }),
      (value) => observation({}, { headers: [{ name: "LOCATION", value: `/in;jsessionid=${value}` }] }),
      (value) => observation({}, { headers: [{ name: "Location", value: `u:${value}@a.example/${value}` }] }),
      (value) =>
        observation({}, { headers: [{ name: "WWW-Authenticate", value: `Bearer realm="${value}"` }] }),
      (value) => observation({}, { headers: [{ name: "WWW-Authenticate", value: `Negotiate ${value}` }] }),
      (value) => observation({}, { headers: [{ name: "WWW-Authenticate", value }] }),
      (value) => withFirstBytes(`HTTP/1.1 200 OK\r\nSet-Cookie: id=${value}`),
      (value) => withFirstBytes(`Set-Cookie: id=${value}`),
      (value) => withFirstBytes(`{"token":"${value}"}`),
      (value) => asked(`/a?code=${value}`, "a.example"),
      (value) => asked(`/a#${value}`, "a.example"),
      (value) => asked("/a", `u:${value}@a.example`),
    );
    const around = fc.string({ maxLength: 5 });
    fc.assert(
      fc.property(place, around, around, randomObservation, (make, before, after, other) => {
        const seen = make(`${before}${secret}${after}`);
        const line = recordingLine({ ...other, sent: seen.sent, http: seen.http });
        expect(line).not.toContain(secret);
        expect(decodedBytes(line)).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["Server", "nginx/1.25.3", "nginx/1.25.3"],
    ["content-type", "text/html; charset=utf-8", "text/html; charset=utf-8"],
    ["Location", "https://login.fabrikam.example/in", "https://login.fabrikam.example/in"],
    ["Location", "//a:b@shop.contoso.example:8443/x?y#z", "//shop.contoso.example:8443/x?(withheld)"],
    ["Location", "/x;a=b/c", "/x;(withheld)"],
    ["Location", "https://a@b@c/", "(withheld)"],
    ["Location", "x".repeat(3000), "(withheld)"],
    ["WWW-Authenticate", 'Basic realm="a, Bearer b", charset="UTF-8"', "Basic"],
    ["WWW-Authenticate", 'bearer realm="x", error = "y", NTLM, Negotiate', "Bearer, NTLM, Negotiate"],
    ["WWW-Authenticate", "Contoso abc", "(withheld)"],
    ["WWW-Authenticate", 'realm="x"', "(withheld)"],
    ["Set-Cookie", "a=b", "(withheld)"],
    ["ETag", '"abc"', "(withheld)"],
    ["Server", "(withheld)", "(withheld)"],
  ])("%s: %s", (name, value, kept) => {
    expect(keptHeader(name, value)).toBe(kept);
    expect(keptHeader(name, kept)).toBe(kept);
  });

  it("hostile header values cost no time", () => {
    const begun = performance.now();
    for (const value of [
      `//${"a".repeat(33_000)}@@`,
      `"${'\\"'.repeat(16_000)}`,
      `//${"a".repeat(2000)}@@`,
    ]) {
      keptHeader("Location", value);
      keptHeader("WWW-Authenticate", value);
    }
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it.each([
    ["HTTP/1.1 2OO OK\r\nA: b", "HTTP/1.1 2OO OK"],
    ["SSH-2.0-OpenSSH_9.2p1 Debian", "SSH-2.0-OpenSSH_9.2p1"],
    ["220 mail.contoso.example ESMTP", "220"],
    ["\x15\x03\x01\x00\x02\x02\x28", "\x15\x03\x01\x00\x02\x02\x28"],
    ["* OK [CAPABILITY IMAP4rev1] mail.contoso.example", "* OK"],
    ["+OK mail.contoso.example ready", "+OK"],
    ["J\0\0\0\n8.0.36-0ubuntu s3cr3t", "J\0\0\0\n8.0"],
    ["E\0\0\0iSFATAL\0", "E\0\0\0iSFA"],
    ["{}", ""],
    ["", ""],
  ])("of first bytes: %j", (bytes, kept) => {
    expect(keptBytes(bytes)).toBe(kept);
    expect(keptBytes(kept)).toBe(kept);
  });

  it("the query of a probe stands in the configuration and stays; that of a client goes, that there was one stays", () => {
    const probe = observation();
    expect(asRecorded(probe).sent).toEqual(probe.sent);
    const { sent } = asRecorded(asked("/a?b=c", "a.example"));
    expect([sent.path, sent.client?.path]).toEqual(["/a?(withheld)", "/a?(withheld)"]);
    const bare = asRecorded(asked("/a?", "a.example:8443")).sent;
    expect([bare.path, bare.client?.host]).toEqual(["/a?", "a.example:8443"]);
  });
});

function withFirstBytes(text: string): ProbeObservation {
  const firstBytesBase64 = Buffer.from(text, "latin1").toString("base64");
  return observation({}, { outcome: "invalid", firstBytesBase64 });
}

function asked(path: string, host: string): ProbeObservation {
  const { sent } = observation();
  const client = { scheme: "https", host, path, method: "GET" } as const;
  return observation({ sent: { ...sent, purpose: "request", path, client } });
}

function decodedBytes(line: string): string {
  const { http } = JSON.parse(line) as { http?: { firstBytesBase64?: string } };
  return Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString("latin1");
}

/** Without the members of which not everything is kept; those have tests of their own. */
function comparable(seen: ProbeObservation | undefined): unknown {
  if (seen === undefined) return undefined;
  const { sent, tls, http, ...rest } = seen;
  const httpRest: Partial<HttpPhase> | undefined = http && {
    ...http,
    headers: http.headers.map(({ name }) => ({ name, value: "" })),
    firstBytesBase64: "",
  };
  return {
    ...rest,
    sent: { ...sent, path: undefined, client: sent.client && { ...sent.client, host: "", path: "" } },
    tls: tls && { ...tls, firstBytesBase64: "" },
    http: httpRest,
  };
}

/** Every list full, every text as long as it is kept, in letters of two bytes. */
function largest(): ProbeObservation {
  const long = "é".repeat(40_000);
  const many = <T>(value: T): T[] => Array.from({ length: 300 }, () => value);
  const der = Buffer.alloc(4096, 7).toString("base64");
  const fault = { kind: long, offset: Number.MAX_SAFE_INTEGER };
  const answer = {
    server: long,
    role: "comparison",
    type: "AAAA",
    outcome: "unreachable",
    transport: "system",
    rcode: long,
    errno: long,
    fault,
    addresses: many("2001:db8:1111:2222:3333:4444:5555:6666"),
    canonicalNames: many(long),
    chain: "too-long",
    ttlS: 2 ** 32 - 1,
    sent: 1e9,
    ignored: 1e9,
    tookMs: 123.456789,
  } as const;
  const { sent } = observation();
  return observation({
    sent: {
      ...sent,
      target: long,
      path: long,
      host: long,
      lookFor: long,
      client: { scheme: "https", host: long, path: long, method: long },
      clientFields: many(long),
    },
    dns: {
      name: long,
      unaskable: undefined,
      answers: many(answer),
      differing: { amongGatewayServers: true, withOthers: true },
      used: many("2001:db8:1111:2222:3333:4444:5555:6666"),
      tookMs: 123.456789,
    },
    tls: {
      outcome: "established",
      sniSent: long,
      version: long,
      cipher: long,
      alpn: long,
      alert: long,
      lateAlert: long,
      warnings: many(long),
      chain: many({ derBase64: der }).slice(0, 32),
      clientCertificateRequested: true,
      messages: many(long),
      fault: long,
      firstBytesBase64: undefined,
      errno: long,
      tookMs: 123.456789,
    },
    http: {
      ...answered,
      reason: long,
      headers: many({ name: long, value: long }),
      interim: many(100),
      fault,
    },
  });
}

it("a whole recording is its head and its lines", () => {
  const text = recording(observation(), observation({ startedAtMs: startedAtMs + 1 }));
  expect(text.split("\n")).toHaveLength(4);
});
