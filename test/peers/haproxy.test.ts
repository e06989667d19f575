import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { type Asking, expectProbe, type Finding, healthy, status } from "./support/ask.ts";
import { backend, frontend, startHaproxy } from "./support/haproxy.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import { freePlace, type Place } from "./support/places.ts";
import { describeScenes, type Help, peerFolder, type Scene } from "./support/scene.ts";

const https: Asking = { protocol: "Https", probe: { protocol: "Https" }, roots: [pki.root] };
const ready = "http-request return status 200 content-type text/plain string ready";
const { leaf, intermediate } = pki;

const cut: Finding = {
  outcome: "unhealthy",
  kind: "http-cut",
  messages: [],
  says: /before any answer/,
  http: {
    outcome: expect.stringMatching(/^(?:closed|reset)-before-first-byte$/),
    endedBy: "server",
    firstByteMs: null,
  },
};

const tlsCut: Finding = {
  outcome: "unhealthy",
  kind: "tls-cut",
  messages: ["verify", "tcp-new"],
  tls: { outcome: expect.stringMatching(/^(?:closed|reset)$/), version: null, alert: null },
  http: null,
};

/** The reset may come before this system has told that it is connected. */
const rejected = (kind: string): Finding => ({
  outcome: "unhealthy",
  kind: expect.stringMatching(`^(?:${kind}|tcp-reset)$`),
  tcp: expect.stringMatching(/^(?:connected|reset)$/),
});

const handshakeFailure: Finding = {
  outcome: "unhealthy",
  kind: "tls-alert",
  messages: ["verify", "tcp-new"],
  tls: { outcome: "alert", alert: "handshake_failure", clientCertificateRequested: false },
  http: null,
};

/**
 * haproxy drops a connection silently with TCP_REPAIR, for which it needs CAP_NET_ADMIN; without it, it resets with a
 * TTL of 1, which the client on the same machine does see (haproxy's manual, "silent-drop").
 */
function mayDropSilently(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}

const silentlyDropped: Finding = {
  outcome: "unhealthy",
  kind: "http-timed-out",
  messages: ["probe-timeout"],
  http: { outcome: "timed-out-before-first-byte", endedBy: "us" },
};

/** Servers behind haproxy, which this process plays. */
const behind = { silent: 0, closing: 0, babbling: 0, nobody: 0 };
const to = (place: Place, port: number, more = ""): string =>
  frontend(place, `default_backend b${place.port}`) +
  backend(`b${place.port}`, `${more}\nserver one 127.0.0.1:${port} maxconn 1`);

const plainScenes: readonly Scene[] = [
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
    finds: () => (mayDropSilently() ? silentlyDropped : cut),
  },
  {
    name: "tarpit: longer than the probe waits",
    serves: (place) => frontend(place, "timeout tarpit 20s\nhttp-request tarpit"),
    asks: { probe: { timeout: 1 } },
    finds: silentlyDropped,
  },
  {
    name: "connections are rejected after they were accepted",
    serves: (place) => frontend(place, `tcp-request connection reject\n${ready}`),
    finds: rejected("http-cut"),
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

const overTls = (place: Place, { pem }: Help, options = ""): string =>
  frontend(place, ready, `ssl crt ${pem(leaf, intermediate)} ${options}`);

/** Certificates by a list, with strict SNI: a name that is not in it gets none. */
function strict(place: Place, { folder, pem }: Help): string {
  const list = join(folder, `list-${place.port}`);
  writeFileSync(list, `${pem(leaf, intermediate)}\n${pem(pki.shopLeaf, intermediate)} ${shopName}\n`);
  return frontend(place, ready, `ssl crt-list ${list} strict-sni`);
}

const tlsScenes: readonly Scene[] = [
  {
    name: "200",
    serves: overTls,
    asks: https,
    finds: { ...healthy, tls: { outcome: "established", version: "TLSv1.3" }, http: { status: 200 } },
  },
  {
    name: "strict SNI, and a name of the list",
    serves: strict,
    asks: { ...https, probe: { protocol: "Https", host: shopName } },
    finds: { ...healthy, tls: { sniSent: shopName } },
  },
  {
    name: "strict SNI, and a name that is not in the list",
    serves: strict,
    asks: { ...https, probe: { protocol: "Https", host: "web.contoso.example" } },
    finds: {
      ...handshakeFailure,
      tls: { outcome: "alert", alert: "unrecognized_name", sniSent: "web.contoso.example" },
    },
  },
  {
    name: "strict SNI, and no name",
    serves: strict,
    asks: { ...https, probe: { protocol: "Https", host: "127.0.0.1" } },
    finds: { ...handshakeFailure, tls: { outcome: "alert", alert: "unrecognized_name", sniSent: null } },
  },
  {
    name: "ciphers for another kind of certificate: none in common",
    serves: (place, help) => overTls(place, help, "ssl-max-ver TLSv1.2 ciphers ECDHE-RSA-AES128-GCM-SHA256"),
    asks: https,
    finds: handshakeFailure,
  },
  {
    name: "finite-field key exchange alone, with a certificate that has an elliptic key: none in common",
    serves: (place, help) => overTls(place, help, "ssl-max-ver TLSv1.2 ciphers DHE-RSA-AES256-GCM-SHA384"),
    asks: https,
    finds: handshakeFailure,
  },
  {
    name: "ciphers for this kind of certificate",
    serves: (place, help) =>
      overTls(place, help, "ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES128-GCM-SHA256"),
    asks: https,
    finds: { ...healthy, tls: { cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" } },
  },
  {
    name: "a client certificate required, TLS 1.2: refused in the handshake",
    serves: (place, help) =>
      overTls(place, help, `ssl-max-ver TLSv1.2 verify required ca-file ${help.pem(pki.root)}`),
    asks: https,
    finds: {
      outcome: "unhealthy",
      kind: "client-certificate-wanted",
      messages: ["verify", "tcp-new"],
      tls: { outcome: "alert", alert: "handshake_failure", clientCertificateRequested: true },
      http: null,
    },
  },
  {
    name: "a client certificate required, TLS 1.3: refused after the handshake",
    serves: (place, help) => overTls(place, help, `verify required ca-file ${help.pem(pki.root)}`),
    asks: https,
    finds: {
      outcome: "unhealthy",
      kind: "client-certificate-wanted",
      messages: ["verify", "tcp-new"],
      tls: {
        outcome: "established",
        version: "TLSv1.3",
        lateAlert: "certificate_required",
        clientCertificateRequested: true,
      },
    },
  },
  {
    name: "TLS on a port that expects the PROXY protocol first",
    serves: (place, help) => overTls(place, help, "accept-proxy"),
    asks: https,
    finds: tlsCut,
  },
  {
    name: "connections are rejected after they were accepted",
    serves: (place, { pem }) =>
      frontend(place, `tcp-request connection reject\n${ready}`, `ssl crt ${pem(leaf, intermediate)}`),
    asks: https,
    finds: rejected("tls-cut"),
  },
  {
    name: "plain HTTP to a TLS port: closed without a word",
    serves: overTls,
    finds: { ...cut, tls: null },
  },
  {
    name: "the name of the certificate is not the name asked for",
    serves: overTls,
    asks: { ...https, probe: { protocol: "Https", host: shopName } },
    finds: {
      outcome: "unhealthy",
      kind: "certificate",
      messages: ["cn-v2"],
      says: new RegExp(`CN=${appName} is not for ${shopName}`),
    },
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

  describeScenes("over plain HTTP", startHaproxy, plainScenes);
  describeScenes("over TLS", startHaproxy, tlsScenes);

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
