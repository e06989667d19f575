import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { expectProbe } from "./support/ask.ts";
import { cut, healthy, notTls, status, unanswered } from "./support/findings.ts";
import { plain, startNginx } from "./support/nginx.ts";
import { appName } from "./support/pki.ts";
import { freePlace } from "./support/places.ts";
import { describeScenes, peerFolder, type Scene } from "./support/scene.ts";

/** Headers longer than a line of nginx's configuration may be: doubled so many times from 32 characters. */
function longHeaders(doublings: number): string {
  const steps = Array.from({ length: doublings }, (_, step) => `set $x${step + 1} "$x${step}$x${step}";`);
  return `set $x0 "${"x".repeat(32)}"; ${steps.join(" ")} add_header X-Long $x${doublings}; return 200 "ready";`;
}

const vhosts = ({ text }: { readonly text: string }, otherwise: string): string => `
  server { listen ${text} default_server; server_name _; return ${otherwise}; }
  server { listen ${text}; server_name ${appName}; return 200 "ready"; }`;

const silent = { address: "127.0.0.1", port: 0 };
const closed = { address: "127.0.0.1", port: 0 };

const scenes: readonly Scene[] = [
  {
    name: "200 with the text the probe looks for",
    serves: (place) => plain(place, 'return 200 "all is ready here";'),
    asks: { probe: { match: { statusCodes: ["200"], body: "is ready" } } },
    finds: {
      ...healthy,
      says: /answers 200 with the text/,
      tls: null,
      http: {
        outcome: "answered",
        version: "HTTP/1.1",
        status: 200,
        reason: "OK",
        bodyBytes: 17,
        extraBytes: 0,
      },
    },
  },
  {
    name: "200 without the text",
    serves: (place) => plain(place, 'return 200 "in maintenance";'),
    asks: { probe: { match: { body: "ready" } } },
    finds: {
      outcome: "unhealthy",
      kind: "body",
      messages: ["body"],
      http: { outcome: "answered", status: 200, bodyComplete: true },
    },
  },
  {
    name: "204, which has no body",
    serves: (place) => plain(place, "return 204;"),
    finds: { ...healthy, http: { outcome: "answered", status: 204, bodyBytes: 0, bodyComplete: true } },
  },
  {
    name: "the name the default server does not have: it closes without a word",
    serves: (place) => vhosts(place, "444"),
    asks: { probe: { host: "127.0.0.1" } },
    finds: cut,
  },
  {
    name: "the name of a virtual server beside it",
    serves: (place) => vhosts(place, "444"),
    asks: { probe: { host: appName } },
    finds: { ...healthy, http: { status: 200 } },
  },
  {
    name: "a name that only the default server takes: 404",
    serves: (place) => vhosts(place, "404"),
    asks: { probe: { host: "web.contoso.example" } },
    finds: status(404),
  },
  {
    name: "a path that is not there: 404",
    serves: (place) => plain(place, 'location = /health { return 200 "ready"; } location / { return 404; }'),
    asks: { probe: { path: "/healthz" } },
    finds: status(404),
  },
  {
    name: "301 is healthy by the default match, and not followed",
    serves: (place) => plain(place, "return 301 https://app.contoso.example/health;"),
    finds: { ...healthy, http: { status: 301 } },
  },
  {
    name: "301 outside the match",
    serves: (place) => plain(place, "return 301 https://app.contoso.example/health;"),
    asks: { probe: { match: { statusCodes: ["200-299"] } } },
    finds: { ...status(301), says: /answers 301, and the probe takes 200-299/ },
  },
  {
    name: "401 by basic authentication: probes carry no credentials",
    serves: (place, { folder }) => {
      writeFileSync(`${folder}/users`, "ada:{PLAIN}s3cret\n");
      return plain(
        place,
        `location / { auth_basic "Contoso"; auth_basic_user_file ${folder}/users; try_files /none =404; }`,
      );
    },
    finds: status(401),
  },
  {
    name: "401 that the probe takes",
    serves: (place, { folder }) => {
      writeFileSync(`${folder}/users`, "ada:{PLAIN}s3cret\n");
      return plain(
        place,
        `location / { auth_basic "Contoso"; auth_basic_user_file ${folder}/users; try_files /none =404; }`,
      );
    },
    asks: { probe: { match: { statusCodes: ["200-399", "401"] } } },
    finds: { ...healthy, http: { status: 401 } },
  },
  {
    name: "405: only POST is let in",
    serves: (place) => plain(place, "if ($request_method != POST) { return 405; } return 200;"),
    finds: status(405),
  },
  {
    name: "headers of 16 KiB, which pass",
    serves: (place) => plain(place, longHeaders(9)),
    finds: { ...healthy, http: { status: 200, bodyComplete: true } },
  },
  {
    name: "headers of 128 KiB, which no gateway takes",
    serves: (place) => plain(place, longHeaders(12)),
    finds: {
      outcome: "unhealthy",
      kind: "http-invalid",
      messages: [],
      http: { outcome: "invalid", fault: { kind: expect.stringMatching(/too-l(?:ong|arge)/) } },
    },
  },
  {
    name: "HTTP/2 alone, which is not what a probe speaks",
    serves: ({ text }) => `server { listen ${text} http2; return 200 "ready"; }`,
    finds: {
      outcome: "unhealthy",
      kind: "http-invalid",
      messages: [],
      http: { outcome: "invalid", status: null },
    },
  },
  {
    name: "TLS to a plain port: what comes back is HTTP",
    serves: (place) => plain(place, 'return 200 "ready";'),
    asks: { protocol: "Https", probe: { protocol: "Https" } },
    finds: notTls,
  },
  {
    name: "a port that wants the PROXY protocol",
    serves: ({ text }) => `server { listen ${text} proxy_protocol; return 200 "ready"; }`,
    finds: cut,
  },
  {
    name: "504 of its own: the server behind it is silent",
    serves: (place) =>
      plain(
        place,
        `location / { proxy_pass http://${silent.address}:${silent.port}; proxy_read_timeout 1s; }`,
      ),
    finds: status(504, { reason: "Gateway Time-out" }),
  },
  {
    name: "502 of its own: nobody listens behind it",
    serves: (place) => plain(place, `location / { proxy_pass http://${closed.address}:${closed.port}; }`),
    finds: status(502, { reason: "Bad Gateway" }),
  },
  {
    name: "slower than the probe waits",
    serves: (place) =>
      plain(
        place,
        `location / { proxy_pass http://${silent.address}:${silent.port}; proxy_read_timeout 30s; }`,
      ),
    asks: { probe: { timeout: 1 } },
    finds: unanswered,
  },
  {
    name: "slower than the probe waits, after a first part",
    serves: (place) => plain(place, `location / { limit_rate 1; return 200 "${"slow ".repeat(20)}"; }`),
    asks: { probe: { timeout: 1 } },
    finds: {
      outcome: "unhealthy",
      kind: "http-timed-out",
      messages: ["probe-timeout"],
      says: /begins an answer and does not end it/,
      http: { outcome: "timed-out-midway", endedBy: "us" },
    },
  },
  {
    name: "connections that are never kept: it closes after the answer",
    serves: (place) => plain(place, 'keepalive_timeout 0; return 200 "ready";'),
    finds: { ...healthy, http: { status: 200, endedBy: "server", bodyComplete: true } },
  },
];

describe("nginx", () => {
  let behind: Listener;
  beforeAll(async () => {
    behind = await listen();
    silent.port = behind.port;
    closed.port = await closedPort();
  });
  afterAll(() => behind[Symbol.asyncDispose]());

  describeScenes("over plain HTTP", startNginx, scenes);

  it("503 while its one connection is taken, 200 once it is free", async () => {
    const place = await freePlace();
    using folder = peerFolder();
    writeFileSync(join(folder.path, "health"), "ready");
    const body = `root ${folder.path}; limit_conn one 1;
      location /slow { proxy_pass http://${silent.address}:${silent.port}; }`;
    await using _ = await startNginx([plain(place, body)], folder.path, place);
    const already = behind.accepted.length;
    const holder = connect(place.port, place.address);
    holder.write("GET /slow HTTP/1.1\r\nHost: app.contoso.example\r\n\r\n");
    await once(holder, "connect");
    while (behind.accepted.length === already) await new Promise((wake) => setTimeout(wake, 10));
    await expectProbe(place, {}, status(503));
    holder.destroy();
    await once(holder, "close");
    await expect.poll(() => expectProbe(place, {}, healthy).then(() => "healthy", String)).toBe("healthy");
  });
});
