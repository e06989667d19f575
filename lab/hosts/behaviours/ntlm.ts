import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Behaviour } from "../behaviour.ts";

export interface NtlmOptions {
  /** What is offered. */
  readonly offers: string;
}

/** The second message of NTLM (MS-NLMP §2.2.1.2): a challenge, Unicode, no target. */
const challenge = Buffer.alloc(56);
challenge.write("NTLMSSP\0", "latin1");
challenge.writeUInt32LE(2, 8);
challenge.writeUInt32LE(56, 16);
challenge.writeUInt32LE(0x00008201, 20);
challenge.write("contosoX", 24, "latin1");
challenge.writeUInt32LE(56, 44);

/**
 * Signs in connections by NTLM, whoever it is: the third message counts only on the connection that got the challenge.
 * `/health` is open to everybody.
 */
const ntlm: Behaviour = (options, tls) => {
  const { offers } = options as NtlmOptions;
  const challenged = new WeakSet<Socket>();
  const signedIn = new WeakSet<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const { socket } = request;
    const message = messageOf(request);
    if (message === 3 && challenged.has(socket)) signedIn.add(socket);
    if (request.url === "/health" || signedIn.has(socket)) return void response.end("ok");
    if (message === 1) challenged.add(socket);
    const offer = message === 1 ? `NTLM ${challenge.toString("base64")}` : offers;
    response.writeHead(401, { "www-authenticate": offer });
    response.end();
  };
  return tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
};

/** 1 = the client begins, 3 = it answers the challenge. */
function messageOf({ headers }: IncomingMessage): number {
  const [scheme, token] = (headers.authorization ?? "").split(" ");
  const bytes = Buffer.from(token ?? "", "base64");
  return scheme === "NTLM" && bytes.length >= 12 ? bytes.readUInt32LE(8) : 0;
}

export default ntlm;
