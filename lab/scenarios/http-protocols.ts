import type { ClientRequest } from "../machine/client.ts";
import {
  answering,
  asked,
  behindHaproxy,
  behindNginx,
  often,
  type ProgramFault,
  type Programs,
} from "./program-faults.ts";

const haproxy =
  (...lines: readonly string[]): Programs =>
  ({ port }) => ({
    kind: "haproxy",
    config: lines.join("\n").replaceAll("$PORT", `${port}`),
    ports: [port],
  });

const proxies: readonly ProgramFault[] = [
  {
    variant: "nginx-behind",
    about: "The servers are nginx, and what they pass requests on to is not running.",
    program: behindNginx(""),
    sound: behindNginx("", answering()),
    requests: asked("/shop"),
    cause: { cause: "second-proxy-502" },
  },
  {
    variant: "haproxy-behind",
    about: "The server is haproxy, and what it passes requests on to is not running.",
    wish: { servers: 1, members: "fqdn" },
    program: behindHaproxy("retries 0"),
    sound: behindHaproxy("retries 0", answering()),
    requests: asked("/shop"),
    cause: { cause: "second-proxy-502" },
  },
  {
    variant: "twin-nginx-behind",
    about: "The servers are nginx, and what they pass requests on to runs.",
    program: behindNginx("", answering()),
    requests: asked("/shop"),
  },
];

const opening: readonly ClientRequest[] = [
  { url: "ws://shop.contoso.example/live", times: often, wants: [101] },
];

const sockets =
  (options: unknown = {}): Programs =>
  ({ port, tls }) => ({
    ...{ kind: "node", behaviour: "websocket", options, port },
    ...(tls === undefined ? {} : { tls }),
  });

const webSockets: readonly ProgramFault[] = [
  {
    variant: "websocket-nginx-plain",
    about: "nginx on the servers passes requests on without the upgrade.",
    program: behindNginx("", sockets()),
    sound: behindNginx(
      "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;",
      sockets(),
    ),
    requests: opening,
    cause: { cause: "websocket" },
  },
  {
    variant: "websocket-refused",
    about: "The only server does not know WebSockets, and answers as to any other request.",
    wish: { protocol: "Https", servers: 1 },
    program: answering(),
    sound: sockets(),
    requests: opening,
    cause: { cause: "websocket" },
  },
  {
    variant: "websocket-wrong-key",
    about: "The servers answer 101 with a key that fits no request.",
    program: sockets({ wrongKey: true }),
    sound: sockets(),
    requests: opening,
    fails: "never",
    cause: { cause: "websocket" },
  },
  {
    variant: "twin-websocket",
    about: "The servers open WebSockets, and close them again as the protocol has it.",
    program: sockets(),
    requests: opening,
  },
];

const versions: readonly ProgramFault[] = [
  {
    variant: "h2c-only",
    about: "The servers speak HTTP/2 only, without TLS, as gRPC servers do.",
    program: haproxy(
      "frontend grpc",
      "  bind *:$PORT proto h2",
      "  http-request return status 200 content-type text/plain string ok",
    ),
    cause: { cause: "http2-grpc-only" },
  },
  {
    variant: "h2-only-tls",
    about: "The server offers HTTP/2 alone in its handshake, and speaks nothing else.",
    wish: { protocol: "Https", servers: 1 },
    program: ({ port, tls }) => ({
      kind: "haproxy",
      config: `frontend grpc\n  bind *:${port} ssl crt $DIR/pair.pem alpn h2 proto h2\n  http-request return status 200 content-type text/plain string ok`,
      files: { "pair.pem": `${tls?.certificate}${tls?.key}` },
      ports: [port],
    }),
    cause: { cause: "http2-grpc-only" },
  },
  {
    variant: "twin-both-versions",
    about: "The server prefers HTTP/2, and speaks HTTP/1.1 as well.",
    wish: { protocol: "Https", servers: 1 },
    program: ({ port, tls }) => ({
      kind: "haproxy",
      config: `frontend web\n  bind *:${port} ssl crt $DIR/pair.pem alpn h2,http/1.1\n  http-request return status 200 content-type text/plain string ok`,
      files: { "pair.pem": `${tls?.certificate}${tls?.key}` },
      ports: [port],
    }),
  },
];

const signingIn =
  (offers: string): Programs =>
  ({ port, tls }) => ({
    ...{ kind: "node", behaviour: "ntlm", options: { offers }, port },
    ...(tls === undefined ? {} : { tls }),
  });

const signIn: readonly ProgramFault[] = [
  {
    variant: "ntlm",
    about: "The servers sign in connections by NTLM, and each request of a client may reach another of them.",
    program: signingIn("Negotiate, NTLM"),
    sound: signingIn("Negotiate, NTLM"),
    requests: asked("/", { signIn: "ntlm" }),
    cause: { cause: "ntlm" },
    noPeers: "which connection a client gets is a matter of settings that the others have under other names",
  },
  {
    variant: "ntlm-https",
    about: "The servers sign in connections by NTLM, over TLS, in a peered network.",
    wish: { protocol: "Https", place: "peered" },
    program: signingIn("NTLM"),
    sound: signingIn("NTLM"),
    requests: asked("/", { signIn: "ntlm" }),
    cause: { cause: "ntlm" },
    noPeers: "which connection a client gets is a matter of settings that the others have under other names",
  },
  {
    variant: "twin-ntlm-dedicated",
    about: "The servers sign in connections by NTLM, and every client has its own.",
    wish: { setting: { dedicatedBackendConnection: true } },
    program: signingIn("NTLM"),
    requests: asked("/", { signIn: "ntlm" }),
  },
  {
    variant: "twin-bearer",
    about: "The servers want a token, which is of the request, not of the connection.",
    program: answering({ path: "/health" }, { status: 401, headers: { "www-authenticate": "Bearer" } }),
    requests: asked("/", { wants: [401] }),
  },
];

/** Proxies behind the gateway, WebSockets, HTTP/2, signing in. */
export const protocolFaults: readonly ProgramFault[] = [...proxies, ...webSockets, ...versions, ...signIn];
