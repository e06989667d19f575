import { connect, type Socket } from "node:net";
import type { AssemblyMeans } from "../../../src/gateway/assemble.ts";
import type { PreparedGateway } from "../../../src/gateway/config/prepared.ts";
import type { RoutingWish } from "../../support/routing-gateway.ts";
import { freePort, preparedFor, Scene, type Script } from "./scene.ts";

export const ok = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-From: app\r\nConnection: keep-alive\r\n\r\nfine";
export const get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

export interface ShopWish {
  readonly wish?: Partial<RoutingWish>;
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly prepared?: Partial<PreparedGateway>;
  readonly means?: Partial<AssemblyMeans>;
}

/** A gateway with one listener, whose requests go to these members on one port. */
export async function shop(
  { port }: { readonly port: number },
  members: readonly string[],
  more: ShopWish = {},
): Promise<Scene> {
  const wish: RoutingWish = {
    listeners: [{ name: "shop", protocol: "Http", to: "app" }],
    members,
    setting: { port, requestTimeout: 20, ...more.setting },
    ...more.wish,
  };
  const prepared = { ...preparedFor(wish, [await freePort()]), ...more.prepared };
  return Scene.of(prepared, more.means);
}

export const body = (text: string): string => text.slice(text.indexOf("\r\n\r\n") + 4);

const gatewayId =
  "/subscriptions/s1/resourceGroups/rg-route/providers/Microsoft.Network/applicationGateways/agw-route";

/** An item of the gateway's document, with the id that others refer to it by. */
export const itemOf = (collection: string, name: string) => ({
  id: `${gatewayId}/${collection}/${name}`,
  name,
});

/** A client that keeps its connection, asks, and waits for answers of `ok`. */
export class Client implements Disposable {
  readonly #socket: Socket;
  #text = "";
  #answered: (text: string) => void = () => {};

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => {});
    this.#socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      if (this.#text.endsWith("fine")) this.#answered(this.#text);
    });
    this.#socket.on("close", () => this.#answered(this.#text));
  }

  /** What comes back for a GET. */
  ask(target: string): Promise<string> {
    this.#text = "";
    const answer = new Promise<string>((resolve) => (this.#answered = resolve));
    this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Answers once the whole of a body with a length has come. */
export const answersUploads: Script = (text, socket) => {
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  const chunked = /transfer-encoding: chunked/i.test(text);
  const whole = chunked ? text.endsWith("0\r\n\r\n") : body(text).length >= length;
  if (text.includes("\r\n\r\n") && whole) socket.write(ok, "latin1");
};
