import { runInside } from "./processes.ts";

/** A request of a client, as a scenario wants it. */
export interface ClientRequest {
  /** `ws:` asks for a WebSocket. */
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Signs in as `user`, by NTLM. */
  readonly signIn?: "ntlm";
  /** A host of the world; default: the client on the internet. */
  readonly from?: string;
  /** Default 1. */
  readonly times?: number;
  /** Between two of them. */
  readonly pauseMs?: number;
  /** All of them at the same time. */
  readonly together?: true;
  /** How long it waits for an answer. Default 12 s. */
  readonly patienceS?: number;
  /** Answers that count as right; default: every status below 400. */
  readonly wants?: readonly number[];
}

export interface ClientAnswer {
  readonly url: string;
  /** 0 = none came. */
  readonly status: number;
  readonly transactionId: string | undefined;
  readonly right: boolean;
  readonly tookMs: number;
}

const usualPatienceS = 12;
/** A tunnel that was opened is not waited for. */
const tunnelPatienceS = 1;

/** What a browser sends to open a WebSocket; the key is the one of RFC 6455 §1.3. */
const webSocketHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Sends it with curl from the namespace, to the address of the gateway's frontend. */
export async function sendRequest(
  namespace: string,
  request: ClientRequest,
  address: string,
): Promise<ClientAnswer> {
  const { url, method = "GET", body, signIn, wants } = request;
  const tunnel = url.startsWith("ws:");
  const { patienceS = tunnel ? tunnelPatienceS : usualPatienceS } = request;
  const headers = { ...(tunnel ? webSocketHeaders : {}), ...request.headers };
  const target = new URL(url.replace(/^ws:/, "http:"));
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  const begun = Date.now();
  const { stdout } = await runInside(namespace, {
    command: [
      ...["curl", "-sk", "--max-time", `${patienceS}`, "--noproxy", "*", "-o", "/dev/null", "-D", "-"],
      ...["--resolve", `${target.hostname}:${port}:${address}`],
      ...(signIn === undefined ? [] : [`--${signIn}`, "--user", "user:secret"]),
      ...(method === "HEAD" ? ["-I"] : ["-X", method]),
      ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
      ...(body === undefined ? [] : ["--data-binary", "@-"]),
      target.href,
    ],
    timeoutMs: (patienceS + 3) * 1000,
    ...(body === undefined ? {} : { input: body }),
  });
  const heads = [...stdout.matchAll(/^HTTP\/[\d.]+ (\d{3})/gm)];
  const status = Number(heads.at(-1)?.[1] ?? 0);
  const right = wants === undefined ? status >= 200 && status < 400 : wants.includes(status);
  const transactionId = /^x-[a-z-]*(?:trace|transaction)-id: *([0-9a-f]{32})/im.exec(stdout)?.[1];
  return { url, status, transactionId, right, tookMs: Date.now() - begun };
}
