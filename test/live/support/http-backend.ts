import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ownAddress } from "./own-address.ts";

/** An HTTP server of a test at an address of its own; gone with `await using`. */
export interface HttpBackend extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

export async function httpBackend(answer: RequestListener, port = 0): Promise<HttpBackend> {
  const address = ownAddress();
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(port, address, done));
  return {
    address,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** An answer by host and path: a status, or a status with fields and a body. */
export type Answer =
  | number
  | {
      readonly status: number;
      readonly fields?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly afterMs?: number;
    };

/** What a server says to `METHOD path host`. */
export function answering(
  choose: (asked: { readonly method: string; readonly path: string; readonly host: string }) => Answer,
): RequestListener {
  return ({ method = "", url = "", headers: { host = "" } }: IncomingMessage, response: ServerResponse) => {
    const answer = choose({ method, path: url, host: host.replace(/:\d+$/, "") });
    const {
      status,
      fields = {},
      body = "",
      afterMs = 0,
    } = typeof answer === "number" ? { status: answer } : answer;
    const send = (): void => {
      response.writeHead(status, fields).end(body);
    };
    if (afterMs === 0) send();
    else setTimeout(send, afterMs).unref();
  };
}
