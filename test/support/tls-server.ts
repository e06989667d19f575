import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { makeCertificate } from "./certificates.ts";

const ca = makeCertificate({ commonName: "Contoso Root", ca: true });
const leaf = makeCertificate({ commonName: "app.contoso.com", names: ["app.contoso.com"], issuer: ca });

/** A TLS listener of a test. */
export interface TlsListener extends AsyncDisposable {
  readonly port: number;
  /** The names that clients sent. */
  readonly names: (string | false | null)[];
  /** Of the sockets under TLS. */
  readonly transports: ReadonlySet<Socket>;
}

/** Answers the first bytes of each connection with a short 200 and closes, unless told otherwise. */
export async function tlsServer(
  options: TlsOptions = {},
  onSocket: (socket: TLSSocket) => void = (socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
): Promise<TlsListener> {
  const names: (string | false | null)[] = [];
  const server = createServer({ key: leaf.keyPem, cert: leaf.pem + ca.pem, ...options }, (socket) => {
    names.push(socket.servername);
    socket.on("error", () => {});
    onSocket(socket);
  }).on("tlsClientError", () => {});
  const transports = new Set<Socket>();
  server.on("connection", (socket) => {
    transports.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    names,
    transports,
    [Symbol.asyncDispose]: async () => {
      for (const socket of transports) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
