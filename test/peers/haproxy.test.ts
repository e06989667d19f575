import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { expectProbe } from "./support/ask.ts";
import { cut, healthy, status, unanswered } from "./support/findings.ts";
import { backend, frontend, ready, rejected, startHaproxy } from "./support/haproxy.ts";
import { shopName } from "./support/pki.ts";
import { freePlace, type Place } from "./support/places.ts";
import { describeScenes, peerFolder, type Scene } from "./support/scene.ts";

/**
 * haproxy drops a connection silently with TCP_REPAIR, for which it needs CAP_NET_ADMIN; without it, it resets with a
 * TTL of 1, which the client on the same machine does see (haproxy's manual, "silent-drop").
 */
function mayDropSilently(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}

/** Servers behind haproxy, which this process plays. */
const behind = { silent: 0, closing: 0, babbling: 0, nobody: 0 };
const to = (place: Place, port: number, more = ""): string =>
  frontend(place, `default_backend b${place.port}`) +
  backend(`b${place.port}`, `${more}\nserver one 127.0.0.1:${port} maxconn 1`);

const scenes: readonly Scene[] = [
  { name: "200", serves: (place) => frontend(place, ready), finds: { ...healthy, http: { status: 200 } } },
  { name: "deny: 403", serves: (place) => frontend(place, "http-request deny"), finds: status(403) },
  {
    name: "deny of a name it does not serve: 421",
    serves: (place) =>
      frontend(place, `http-request deny deny_status 421 unless { hdr(host) -i ${shopName} }\n${ready}`),
    finds: status(421),
  },
  {
    name: "deny by the program that asks: 429",
    serves: (place) =>
      frontend(place, `http-request deny deny_status 429 if { hdr(user-agent) -m beg causeway }\n${ready}`),
    finds: status(429),
  },
  {
    name: "302 is healthy by the default match",
    serves: (place) => frontend(place, "http-request redirect location /login code 302"),
    finds: { ...healthy, http: { status: 302 } },
  },
  {
    name: "silent-drop",
    serves: (place) => frontend(place, "http-request silent-drop"),
    asks: { probe: { timeout: 1 } },
    finds: () => (mayDropSilently() ? unanswered : cut),
  },
  {
    name: "tarpit: longer than the probe waits",
    serves: (place) => frontend(place, "timeout tarpit 20s\nhttp-request tarpit"),
    asks: { probe: { timeout: 1 } },
    finds: unanswered,
  },
  {
    name: "connections are rejected after they were accepted",
    serves: (place) => frontend(place, `tcp-request connection reject\n${ready}`),
    finds: rejected("http-cut"),
    times: 25,
  },
  {
    name: "a port that expects the PROXY protocol",
    serves: (place) => frontend(place, ready, "accept-proxy"),
    finds: cut,
  },
  {
    // It speaks only after it has read the preface (RFC 9113 §3.4), unlike nginx.
    name: "HTTP/2 alone",
    serves: (place) => frontend(place, ready, "proto h2"),
    finds: cut,
  },
  {
    name: "502 of its own: the server behind it closes without a word",
    serves: (place) => to(place, behind.closing),
    finds: status(502),
  },
  {
    name: "502 of its own: what the server behind it says is no HTTP",
    serves: (place) => to(place, behind.babbling),
    finds: status(502),
  },
  {
    name: "503 of its own: nobody listens behind it",
    serves: (place) => to(place, behind.nobody, "retries 0"),
    finds: status(503),
  },
  {
    name: "503 of its own: there is no server behind it",
    serves: (place) =>
      frontend(place, `default_backend b${place.port}`) + backend(`b${place.port}`, "balance roundrobin"),
    finds: status(503),
  },
  {
    name: "504 of its own: the server behind it is silent",
    serves: (place) => to(place, behind.silent, "timeout server 1s"),
    finds: status(504),
  },
];

describe("haproxy", () => {
  const listeners: Listener[] = [];

  beforeAll(async () => {
    const silent = await listen();
    const closing = await listen((socket) => socket.once("data", () => socket.end()));
    const babbling = await listen((socket) => socket.once("data", () => socket.end("220 smtp ready\r\n")));
    listeners.push(silent, closing, babbling);
    behind.silent = silent.port;
    behind.closing = closing.port;
    behind.babbling = babbling.port;
    behind.nobody = await closedPort();
  });
  afterAll(async () => {
    for (const listener of listeners) await listener[Symbol.asyncDispose]();
  });

  describeScenes("over plain HTTP", startHaproxy, scenes);

  it("503 of its own after the wait for a server that is taken", async () => {
    const place = await freePlace();
    using folder = peerFolder();
    await using _ = await startHaproxy([to(place, behind.silent, "timeout queue 300ms")], folder.path, place);
    const [silent] = listeners;
    const already = silent?.accepted.length ?? 0;
    const holder = connect(place.port, place.address);
    await once(holder, "connect");
    holder.write("GET /slow HTTP/1.1\r\nHost: app.contoso.example\r\n\r\n");
    await expect.poll(() => silent?.accepted.length).toBeGreaterThan(already);
    await expectProbe(place, {}, status(503));
    holder.destroy();
  });
});
