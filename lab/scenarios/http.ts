import { protocolFaults } from "./http-protocols.ts";
import { answering, asked, type ProgramFault, programFault, writing } from "./program-faults.ts";
import type { Scenario } from "./scenario.ts";

const head = (...lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;
const large = "x".repeat(3_000);

const bodies: readonly ProgramFault[] = [
  {
    variant: "204-with-length",
    about: "The servers say 204 with a length, and send that many bytes.",
    program: writing({
      path: "/cart/clear",
      bytes: `${head("HTTP/1.1 204 No Content", "Content-Length: 8")}{"ok":1}`,
    }),
    requests: asked("/cart/clear"),
    cause: { cause: "http-204-body" },
  },
  {
    variant: "304-with-chunks",
    about: "The servers say 304 and send the page all the same, in chunks, on a connection that they keep.",
    wish: { generation: "v1", members: "nic" },
    program: writing({
      path: "/logo",
      bytes: `${head("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked")}4\r\nlogo\r\n0\r\n\r\n`,
      after: "keep",
    }),
    requests: asked("/logo"),
    cause: { cause: "http-204-body" },
  },
  {
    variant: "twin-304-with-length",
    about: "304 with the length of the page it stands for, and no byte of it, as it may be.",
    program: writing({
      path: "/logo",
      bytes: head("HTTP/1.1 304 Not Modified", 'ETag: "1"', "Content-Length: 4000"),
      after: "keep",
    }),
    requests: asked("/logo"),
  },
  {
    variant: "twin-204-empty",
    about: "204 without a body, on connections that the servers close.",
    program: writing({ path: "/cart/clear", bytes: head("HTTP/1.1 204 No Content", "Connection: close") }),
    requests: asked("/cart/clear"),
  },
];

const framing: readonly ProgramFault[] = [
  {
    variant: "two-lengths",
    about: "One page comes with two lengths that differ.",
    program: writing({
      path: "/report",
      bytes: `${head("HTTP/1.1 200 OK", "Content-Length: 4", "Content-Length: 6")}report`,
    }),
    requests: asked("/report"),
    cause: { cause: "http-invalid-header" },
  },
  {
    variant: "length-and-chunks",
    about: "One page says that it comes in chunks, and how long it is.",
    wish: { members: "fqdn", servers: 1 },
    program: writing({
      path: "/report",
      bytes: `${head("HTTP/1.1 200 OK", "Content-Length: 6", "Transfer-Encoding: chunked")}6\r\nreport\r\n0\r\n\r\n`,
    }),
    requests: asked("/report"),
    cause: { cause: "http-invalid-header" },
  },
  {
    variant: "nul-in-header",
    about: "A header of every answer, those to probes too, has a null byte.",
    wish: { protocol: "Https" },
    program: ({ port, tls }) => ({
      ...{ kind: "node", behaviour: "raw", port },
      options: { answers: [{ bytes: `${head("HTTP/1.1 200 OK", "X-User: a\0b", "Content-Length: 2")}ok` }] },
      ...(tls === undefined ? {} : { tls }),
    }),
    cause: { cause: "http-invalid-header" },
  },
  {
    variant: "twin-chunk-extension",
    about: "Chunks with an extension and trailers, as few servers send them and all may.",
    program: writing({
      path: "/report",
      bytes: `${head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum")}6;part=1\r\nreport\r\n0\r\nX-Sum: 1\r\n\r\n`,
      after: "keep",
    }),
    requests: asked("/report"),
  },
  {
    variant: "twin-early-hints",
    about: "100 and 103 come before the answer.",
    program: writing({
      path: "/report",
      bytes: `${head("HTTP/1.1 100 Continue")}${head("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload")}${head("HTTP/1.1 200 OK", "Content-Length: 6")}report`,
      after: "keep",
    }),
    requests: asked("/report"),
  },
  {
    variant: "twin-http10-until-close",
    about: "Servers of HTTP/1.0, whose answers end with the connection.",
    program: () => ({
      ...{ kind: "node", behaviour: "raw", port: 8080 },
      options: { answers: [{ bytes: `${head("HTTP/1.0 200 OK", "Server: old")}ok` }] },
    }),
  },
];

const sizes: readonly ProgramFault[] = [
  {
    variant: "cookies-too-big",
    about: "Signing in sets 80 KB of cookies.",
    program: answering({
      path: "/login",
      headers: Object.fromEntries(Array.from({ length: 27 }, (_, n) => [`x-state-${n}`, large])),
    }),
    requests: asked("/login"),
    cause: { cause: "http-header-too-big" },
  },
  {
    variant: "too-many-headers",
    about: "A page comes with 400 headers.",
    wish: { generation: "v1" },
    program: answering({
      path: "/catalogue",
      headers: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`x-item-${n}`, `${n}`])),
    }),
    requests: asked("/catalogue"),
    cause: { cause: "http-header-too-big" },
  },
  {
    variant: "twin-large-cookies",
    about: "Signing in sets 27 KB of cookies, which is much and allowed.",
    program: answering({
      path: "/login",
      headers: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`x-state-${n}`, large])),
    }),
    requests: asked("/login"),
  },
];

const cuts: readonly ProgramFault[] = [
  {
    variant: "crash-on-report",
    about: "The program ends connections whenever it is asked for one page.",
    program: answering({ path: "/report", hangUp: true }),
    requests: asked("/report"),
    cause: { cause: "http-reset-midway" },
  },
  {
    variant: "reset-in-head",
    about: "The servers reset the connection after the first lines of an answer.",
    wish: { protocol: "Https", members: "fqdn" },
    program: writing({
      path: "/report",
      bytes: "HTTP/1.1 200 OK\r\nContent-Type: te",
      after: "close",
      delayMs: 50,
    }),
    requests: asked("/report"),
    cause: { cause: "http-reset-midway" },
  },
  {
    variant: "crash-every-third",
    about: "The only server ends the connection of every third request.",
    wish: { servers: 1 },
    program: answering({ under: "/shop", every: 3, hangUp: true }),
    requests: asked("/shop", { times: 24 }),
    fails: "sometimes",
    cause: { cause: "http-reset-midway" },
  },
  {
    variant: "twin-connection-close",
    about: "The servers close every connection after its answer, and say so.",
    program: answering({ headers: { connection: "close" } }),
    requests: asked("/shop"),
  },
];

const errors: readonly ProgramFault[] = [
  {
    variant: "500-everywhere",
    about: "The application answers every request with 500; its health page knows nothing of it.",
    program: answering({ path: "/health" }, { status: 500, body: "boom" }),
    requests: asked("/"),
    cause: { cause: "backend-5xx" },
  },
  {
    variant: "503-one-path",
    about: "The application answers one path with 503.",
    wish: { protocol: "Https", members: "fqdn" },
    program: answering({ path: "/pay", status: 503, body: "no" }),
    requests: asked("/pay"),
    cause: { cause: "backend-5xx" },
  },
  {
    variant: "500-every-third",
    about: "Every third request fails in the application.",
    program: answering({ under: "/shop", every: 3, status: 500, body: "boom" }),
    requests: asked("/shop", { times: 24 }),
    fails: "sometimes",
    cause: { cause: "backend-5xx" },
  },
  {
    variant: "500-to-probes",
    about: "The health page answers 500, since the database it asks is gone; nothing else works either.",
    wish: { members: "nic", place: "peered" },
    program: answering({ status: 500, body: "no database" }),
    cause: { cause: "backend-5xx" },
  },
  {
    variant: "twin-500-on-another-path",
    about: "The application fails on a path that nobody asks for.",
    program: answering({ path: "/old", status: 500 }),
  },
  {
    variant: "twin-refuses-what-is-not-there",
    about: "The application says 404 to what it does not have, and clients are content with that.",
    program: answering({ path: "/old", status: 404 }),
    requests: asked("/old", { wants: [404] }),
  },
];

export default [...bodies, ...framing, ...sizes, ...cuts, ...errors, ...protocolFaults].map(
  (one): Scenario => ({ family: "http", ...programFault(one) }),
);
