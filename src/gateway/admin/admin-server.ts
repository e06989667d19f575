import { lstat, stat, unlink } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { type AdminSources, answerAdmin } from "./admin-api.ts";

/** A port on loopback, or a Unix socket. */
export type AdminPlace =
  | { readonly host: "127.0.0.1" | "::1"; readonly port: number }
  | { readonly socket: string };

/** A running admin port. */
export interface AdminServer {
  /** Undefined for a Unix socket. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/** Of people and scrapers there are few. */
const mostConnections = 64;
const requestMs = 10_000;
/** How often it is looked for requests that take longer. */
const checkMs = 2_000;

/** What others may not do with a socket: anything. */
const othersMask = 0o177;

/**
 * Opens the admin port. It answers this machine only: requests for a name that is not this machine's (a page that resolves
 * to loopback) and those that a browser sends for another site are refused. Rejects when the place is taken.
 */
export async function openAdmin(place: AdminPlace, sources: AdminSources): Promise<AdminServer> {
  const server = createServer({
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: 8192,
  });
  server.maxConnections = mostConnections;
  server.on("request", (request, response) => void answer(sources, place, request, response));
  if ("socket" in place) await clearSocket(place.socket);
  await listening(server, place);
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port : undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A socket that nobody answers at was left behind by a process that was killed. */
async function clearSocket(path: string): Promise<void> {
  // Node says EACCES of a folder that is not there.
  await stat(dirname(path));
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return;
  const code = await new Promise<string | undefined>((resolve) => {
    const trial = connect(path, () => {
      trial.destroy();
      resolve(undefined);
    });
    trial.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
  if (code === "ECONNREFUSED") await unlink(path);
}

function listening(server: Server, place: AdminPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const done = (): void => {
      server.removeListener("error", reject);
      resolve();
    };
    if ("socket" in place) listenForOwner(server, place.socket, done);
    else server.listen(place.port, place.host, done);
  });
}

/** The socket comes into being within the call, and never is anybody else's, not even for a moment. */
function listenForOwner(server: Server, path: string, done: () => void): void {
  const before = process.umask(othersMask);
  try {
    server.listen(path, done);
  } finally {
    process.umask(before);
  }
}

async function answer(
  sources: AdminSources,
  place: AdminPlace,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const { method = "GET", url = "/" } = request;
  const path = url.replace(/[?#].*$/s, "");
  const refused = refusalOf(request, place);
  try {
    const told = refused ?? (await answerAdmin(sources, method, path));
    send(response, method, told);
  } catch {
    send(response, method, {
      status: 500,
      contentType: "text/plain",
      body: "Causeway itself failed to answer this\n",
    });
  }
}

function send(response: ServerResponse, method: string, told: Awaited<ReturnType<typeof answerAdmin>>): void {
  const body = Buffer.from(told.body);
  response.writeHead(told.status, {
    "Content-Type": told.contentType,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  // Who does not take the answer must not keep one of the few connections.
  response.setTimeout(requestMs, () => response.destroy());
  response.end(method === "HEAD" ? undefined : body);
}

const ownNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Browsers name the page they ask for (`Origin`, `Sec-Fetch-Site`), and the name they asked DNS for (`Host`). */
function refusalOf({ headers }: IncomingMessage, place: AdminPlace) {
  const name = (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
  // Over a Unix socket there is no browser.
  const local = "socket" in place || ownNames.has(name);
  const site = headers["sec-fetch-site"];
  const foreign =
    headers.origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin");
  if (local && !foreign) return undefined;
  return { status: 403, contentType: "text/plain", body: "only asked from this machine, by its own name\n" };
}
