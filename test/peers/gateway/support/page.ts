import { hash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { Place } from "../../support/places.ts";

/** What the page found in the browser. */
export interface PageReport {
  /** `load` events of scripts, style sheets and images. */
  readonly loaded: readonly string[];
  /** The protocol of each resource, as the browser names it. */
  readonly protocols: readonly string[];
  /** SHA-256 of what `fetch` posted, told by the server, and by the page itself. */
  readonly posted: readonly [string, string];
  readonly socket: readonly string[];
  readonly failed?: string;
}

const images = 24;

const page = `<!doctype html><html><head><meta charset="utf-8"><title>shop</title>
<link rel="stylesheet" href="/style.css" onload="loaded.push('/style.css')">
<script>
const loaded = [];
const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
async function posted() {
  const bytes = new Uint8Array(2_000_000).map((_, at) => at * 7);
  const response = await fetch("/echo?of=upload", { method: "POST", body: bytes });
  return [await response.text(), hex(await crypto.subtle.digest("SHA-256", bytes))];
}
function talked() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket("wss://" + location.host + "/ws/chat");
    const got = [];
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => { got.push(data); socket.close(4001, "enough"); };
    socket.onclose = ({ code }) => resolve([...got, String(code)]);
    socket.onerror = () => reject(new Error("WebSocket failed"));
  });
}
addEventListener("load", async () => {
  let report;
  try {
    const [hashes, socket] = await Promise.all([posted(), talked()]);
    const protocols = performance.getEntriesByType("resource").map((entry) => entry.nextHopProtocol);
    report = { loaded, protocols: [...new Set(protocols)], posted: hashes, socket };
  } catch (error) {
    report = { loaded, protocols: [], posted: ["", ""], socket: [], failed: String(error) };
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
});
</script></head><body>
<script src="/script.js" onload="loaded.push('/script.js')"></script>
${Array.from({ length: images }, (_, at) => `<img src="/image-${at}.svg" onload="loaded.push('/image-${at}.svg')">`).join("\n")}
</body></html>`;

/** Every resource that has to be loaded, sorted. */
export const resources: readonly string[] = [
  "/style.css",
  "/script.js",
  ...Array.from({ length: images }, (_, at) => `/image-${at}.svg`),
].sort();

const types: Readonly<Record<string, string>> = {
  css: "text/css",
  js: "text/javascript",
  svg: "image/svg+xml",
};

const bodies: Readonly<Record<string, string>> = {
  css: "body { color: black }",
  js: "window.ran = true;",
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2"/></svg>',
};

/** The server of a page that loads, posts and talks, and then reports what came of it. */
export async function servePage({
  address,
  port,
}: Place): Promise<AsyncDisposable & { report: Promise<PageReport> }> {
  const { promise: report, resolve } = Promise.withResolvers<PageReport>();
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").replace(/\?.*/, "");
    const body = await bodyOf(request);
    if (path === "/report") resolve(JSON.parse(body.toString("utf8")));
    const ending = path.slice(path.lastIndexOf(".") + 1);
    const type = types[ending];
    if (path === "/echo") response.end(hash("sha256", body));
    else if (type !== undefined) response.writeHead(200, { "Content-Type": type }).end(bodies[ending]);
    else if (path === "/") response.writeHead(200, { "Content-Type": "text/html" }).end(page);
    else response.writeHead(path === "/report" || path === "/healthz" ? 204 : 404).end();
  });
  await new Promise<void>((done) => void server.listen(port, address, done));
  return {
    report,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
