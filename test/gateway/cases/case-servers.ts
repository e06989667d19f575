import { createServer, type Server, type Socket } from "node:net";
import type { ServerStep } from "./case-file.ts";

/** A server that follows a script; what came is kept, one text a connection. */
export class CaseServer implements AsyncDisposable {
  readonly got: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(steps: readonly ServerStep[]) {
    let turn = 0;
    const next = (): ServerStep => steps[Math.min(turn++, steps.length - 1)] ?? "silent";
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket, next));
  }

  static async of(steps: readonly ServerStep[]): Promise<CaseServer> {
    const made = new CaseServer(steps);
    await new Promise<void>((resolve) => void made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  #serve(socket: Socket, next: () => ServerStep): void {
    const index = this.got.push("") - 1;
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("end", () => socket.end());
    let step = next();
    if (step === "close-at-once") return void socket.end();
    if (step === "reset-at-once") return void socket.resetAndDestroy();
    let from = 0;
    socket.on("data", (chunk) => {
      this.got[index] += chunk.toString("latin1");
      const text = this.got[index] ?? "";
      while (!socket.destroyed) {
        const needed = typeof step === "object" ? (step.after ?? "body") : "head";
        const end = endOf(text, from, needed);
        if (end === undefined) return;
        from = end;
        perform(socket, step);
        step = next();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function perform(socket: Socket, step: ServerStep): void {
  if (step === "close") socket.end();
  else if (step === "reset") socket.resetAndDestroy();
  else if (typeof step === "object") {
    const { then } = step;
    if (then === "close") socket.end(step.answer, "latin1");
    else socket.write(step.answer, "latin1", () => then === "reset" && socket.resetAndDestroy());
  }
}

/** Where the request that begins there ends; undefined = it has not come so far. */
function endOf(text: string, from: number, needed: "head" | "body"): number | undefined {
  const head = text.indexOf("\r\n\r\n", from);
  if (head < 0) return undefined;
  const body = head + 4;
  if (needed === "head") return body;
  const fields = text.slice(from, body);
  if (/transfer-encoding: chunked/i.test(fields)) {
    const last = text.indexOf("0\r\n\r\n", body);
    return last < 0 ? undefined : last + 5;
  }
  const end = body + Number(/content-length: (\d+)/i.exec(fields)?.[1] ?? 0);
  return text.length < end ? undefined : end;
}
