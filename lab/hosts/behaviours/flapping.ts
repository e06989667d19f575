import {
  createServer as createPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Behaviour } from "../behaviour.ts";

export interface FlappingOptions {
  /** So long it serves … */
  readonly upMs: number;
  /** … and so long nobody listens. */
  readonly downMs: number;
  /** What answers take, while it serves; default at once. */
  readonly answersAfterMs?: number;
  /** Paths that are answered at once all the same. */
  readonly promptPaths?: readonly string[];
}

/** A service that crashes and is started again, over and over: its connections end with it. */
const flapping: Behaviour = (options) => {
  const { upMs, downMs, answersAfterMs = 0, promptPaths = [] } = options as FlappingOptions;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const afterMs = promptPaths.includes(request.url ?? "") ? 0 : answersAfterMs;
    setTimeout(() => response.end(`200 ${request.url}\n`), afterMs);
  };
  const server: Server = createPlain(answer);
  server.on("listening", () => {
    const { address, port } = server.address() as AddressInfo;
    setTimeout(() => {
      server.close();
      server.closeAllConnections();
      setTimeout(() => server.listen(port, address), downMs);
    }, upMs);
  });
  return server;
};

export default flapping;
