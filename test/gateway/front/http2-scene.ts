import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { AssemblyMeans } from "../../../src/gateway/assemble.ts";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import type { PreparedGateway } from "../../../src/gateway/config/prepared.ts";
import { type RoutingWish, routingGateway } from "../../support/routing-gateway.ts";
import { type Backends, freePort, Scene } from "../exchange/scene.ts";

export const host = "shop.contoso.com";

export interface Http2Wish {
  readonly wish?: Partial<RoutingWish>;
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly means?: Partial<AssemblyMeans>;
  readonly buffering?: PreparedGateway["buffering"];
}

/** Where a door of 443 is really; the same for several configurations of one scene. */
export async function preparedHttp2(
  { port }: Pick<Backends, "port">,
  members: readonly string[],
  more: Http2Wish = {},
  toPort?: number,
): Promise<PreparedGateway> {
  const gateway = routingGateway({
    listeners: [{ name: "shop", hosts: [host], to: "app" }],
    members,
    setting: { port, requestTimeout: 20, ...more.setting },
    more: { enableHttp2: true },
    ...more.wish,
  });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort: toPort ?? (await freePort()) }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  const prepared = await prepare(gateway, { listen, selfSigned: true }, surroundings);
  return { ...prepared, buffering: more.buffering ?? prepared.buffering };
}

/** A gateway with one TLS listener for `host` that offers HTTP/2. */
export async function http2Scene(
  backends: Pick<Backends, "port">,
  members: readonly string[],
  more: Http2Wish = {},
): Promise<Scene> {
  return Scene.of(await preparedHttp2(backends, members, more), more.means);
}

/** What came back on one stream. */
export interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly interim: readonly IncomingHttpHeaders[];
  readonly body: string;
  /** The code of the reset; 0 = it was ended well. */
  readonly code: number;
  /** The end of the body came. */
  readonly ended: boolean;
}

/** A client with one connection. */
export class Http2Client implements AsyncDisposable {
  readonly session: ClientHttp2Session;
  readonly closed: Promise<unknown>;

  constructor(port: number) {
    this.session = connect(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false });
    this.session.on("error", () => {});
    this.closed = new Promise((resolve) => this.session.on("close", resolve));
  }

  open(headers: OutgoingHttpHeaders, endStream = false): ClientHttp2Stream {
    const stream = this.session.request(
      { ":path": "/", ...(headers.host === undefined ? { ":authority": host } : {}), ...headers },
      { endStream },
    );
    stream.on("error", () => {});
    return stream;
  }

  ask(headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Got> {
    const stream = this.open(headers, body === undefined);
    const got = gotOn(stream);
    if (body !== undefined) stream.end(body);
    return got;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return;
    this.session.destroy();
    await this.closed;
  }
}

/** Once the stream is closed. */
export async function gotOn(stream: ClientHttp2Stream): Promise<Got> {
  const got = { status: undefined as number | undefined, headers: {}, body: "", ended: false };
  const interim: IncomingHttpHeaders[] = [];
  stream.on("response", (headers) => Object.assign(got, { status: headers[":status"], headers }));
  stream.on("headers", (headers) => interim.push(headers));
  stream.on("data", (chunk: Buffer) => {
    got.body += chunk.toString("latin1");
  });
  stream.on("end", () => {
    got.ended = stream.rstCode === 0;
  });
  if (!stream.destroyed) await once(stream, "close").catch(() => {});
  return { ...got, interim, code: stream.rstCode ?? 0 };
}
