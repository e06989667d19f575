import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import { shop } from "./faults.ts";

const program = fileURLToPath(new URL("../../bin/causeway.js", import.meta.url));

/** What a client got, and the id under which the gateway keeps why. */
export interface Answer {
  readonly status: number;
  readonly transactionId: string;
}

/** What `/explain` answers. */
export interface Explanation {
  readonly record: { readonly cause: string | null; readonly ending: string };
  readonly diagnosis: DiagnosisJson | null;
}

/** `causeway run` as a process of its own. */
export class GatewayProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  /** What it said so far. */
  said = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.said += text;
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves once it serves; rejects with what it said when it ended instead. */
  static async start(words: readonly string[]): Promise<GatewayProcess> {
    const child = spawn(process.execPath, [program, "run", ...words], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const gateway = new GatewayProcess(child);
    try {
      await gateway.until(/; ready\n/);
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw error;
    }
    return gateway;
  }

  /** Resolves when it ends, whoever ended it. */
  async ended(): Promise<void> {
    if (this.#isOver()) return;
    await once(this.#child, "exit");
  }

  #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get httpsPort(): number {
    return this.#portIn(/at https:\/\/127\.0\.0\.1:(\d+)/);
  }

  get adminPort(): number {
    return this.#portIn(/the admin port is 127\.0\.0\.1:(\d+)/);
  }

  #portIn(pattern: RegExp): number {
    return Number(pattern.exec(this.said)?.[1]);
  }

  /** Until it has said so once more than before. */
  until(what: RegExp): Promise<void> {
    const from = this.said.length;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!what.test(this.said.slice(from))) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      this.#child.once("exit", (code) => reject(new Error(`causeway run ended with ${code}:\n${this.said}`)));
    });
  }

  async reload(): Promise<void> {
    const done = this.until(/the new configuration is served/);
    this.#child.kill("SIGHUP");
    await done;
  }

  /** As a client: GET, with the name in the handshake and in Host. */
  async get(path: string): Promise<Answer> {
    const sent = request({
      ...{ host: "127.0.0.1", port: this.httpsPort, path, servername: shop, headers: { host: shop } },
      ...{ rejectUnauthorized: false, agent: false },
    });
    const [response] = await once(sent.end(), "response");
    response.resume();
    await once(response, "end");
    const id = response.headers["x-appgw-trace-id"];
    return { status: response.statusCode, transactionId: typeof id === "string" ? id : "" };
  }

  async explain(transactionId: string): Promise<Explanation> {
    return JSON.parse(await this.#ask(`/explain/${transactionId}`));
  }

  /** Of each server, by pool and setting, whether it gets requests. */
  async health(): Promise<
    readonly { readonly pair: string; readonly up: boolean; readonly lastProbe: unknown }[]
  > {
    return JSON.parse(await this.#ask("/health"));
  }

  async #ask(path: string): Promise<string> {
    const sent = requestHttp({ host: "127.0.0.1", port: this.adminPort, path, agent: false });
    const [response] = await once(sent.end(), "response");
    let body = "";
    for await (const part of response.setEncoding("utf8")) body += part;
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${body}`);
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver()) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}
