import { chmod, lstat, unlink } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
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

const onlyOwner = 0o600;

/**
 * Opens the admin port. It answers this machine only: requests for a name that is not this machine's (a page that resolves
 * to loopback) and those that a browser sends for another site are refused. Rejects when the place is taken.
 */
export async function openAdmin(place: AdminPlace, sources: AdminSources): Promise<AdminServer> {
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: 8192 });
  server.maxConnections = mostConnections;
  server.on("request", (request, response) => void answer(sources, request, response));
  if ("socket" in place) await clearSocket(place.socket);
  await listening(server, place);
  if ("socket" in place) await chmod(place.socket, onlyOwner);
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
    if ("socket" in place) server.listen(place.socket, done);
    else server.listen(place.port, place.host, done);
  });
}

async function answer(
  sources: AdminSources,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const { method = "GET", url = "/" } = request;
  const path = url.replace(/[?#].*$/s, "");
  const refused = refusalOf(request);
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
  response.end(method === "HEAD" ? undefined : body);
}

const ownNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Browsers name the page they ask for (`Origin`, `Sec-Fetch-Site`), and the name they asked DNS for (`Host`). */
function refusalOf({ headers, socket }: IncomingMessage) {
  const name = (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
  // Over a Unix socket there is no address, and no browser.
  const local = socket.remoteAddress === undefined || ownNames.has(name);
  const site = headers["sec-fetch-site"];
  const foreign =
    headers.origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin");
  if (local && !foreign) return undefined;
  return { status: 403, contentType: "text/plain", body: "only asked from this machine, by its own name\n" };
}
