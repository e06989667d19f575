/** The floor: bytes from socket to socket, one connection for one, nothing read and nothing logged. */
import { connect as connectPlain, createServer as createPlain, type Socket } from "node:net";
import { connect as connectTls, createServer as createTls } from "node:tls";
import { backTls, frontTls, inTurn, type StackPlan, serve } from "./common.ts";

serve((plan) => {
  const dial = dialler(plan);
  const front = frontTls(plan);
  const take = (client: Socket) => splice(client, dial());
  const server = front === undefined ? createPlain({ noDelay: true }, take) : createTls(front, take);
  server.listen({ port: plan.port, host: "127.0.0.1", backlog: 4096 });
});

function dialler(plan: StackPlan): () => Socket {
  const back = backTls(plan);
  const next = inTurn(plan.servers);
  return () => {
    const { address: host, port } = next();
    return back === undefined
      ? connectPlain({ host, port, noDelay: true })
      : connectTls({ host, port, ...back }).setNoDelay(true);
  };
}

function splice(client: Socket, server: Socket): void {
  relay(client, server);
  relay(server, client);
}

function relay(from: Socket, to: Socket): void {
  from.on("data", (bytes) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.once("end", () => to.end());
  from.on("error", () => to.destroy());
  from.once("close", () => to.destroy());
}
