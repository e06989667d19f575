import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { causes } from "../../src/diagnosis/causes/all.ts";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { Running } from "../cli/running.ts";
import { brokenWorld } from "./support/broken-world.ts";

/** Where one exchange does not show what is wrong: what the gateway says before it has experimented, and why no more. */
const alone: Readonly<Record<string, { readonly cause: string; readonly why: string }>> = {
  stock: { cause: "tcp-refused", why: "nobody has asked at another port" },
  news: { cause: "backend-5xx", why: "nobody has asked again, to see that it takes as long each time" },
  legacy: {
    cause: "http-reset-midway",
    why: "the server closed without a word; nobody has spoken TLS to it",
  },
};

interface Told {
  readonly record: { readonly cause: string | null };
  readonly diagnosis: DiagnosisJson;
}

/** The gateway of a world, served by this process. */
class Served {
  readonly #running: Running;

  constructor(running: Running) {
    this.#running = running;
  }

  /** The id of what a client got. */
  async get(host: string, path: string): Promise<string> {
    const { id } = await send(this.#port(/http:\/\/127\.0\.0\.1:(\d+)/), { path, headers: { host } });
    return id;
  }

  async ask<T>(path: string, method = "GET"): Promise<T> {
    const { body } = await send(this.#port(/admin port is 127\.0\.0\.1:(\d+)/), { path, method });
    return JSON.parse(body);
  }

  /** Until every server was probed once. */
  async probed(): Promise<void> {
    for (;;) {
      const members = await this.ask<{ readonly lastProbe: unknown }[]>("/health");
      if (members.every(({ lastProbe }) => lastProbe !== null)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #port(pattern: RegExp): number {
    return Number(pattern.exec(this.#running.stderr)?.[1]);
  }
}

async function send(port: number, what: { path: string; method?: string; headers?: { host: string } }) {
  const [response] = await once(
    request({ host: "127.0.0.1", port, agent: false, ...what }).end(),
    "response",
  );
  let body = "";
  try {
    for await (const part of response.setEncoding("utf8")) body += part;
  } catch {
    // It was cut, as one of the routes does.
  }
  return { id: String(response.headers["x-appgw-trace-id"]), body };
}

function rootsOf({ routes, findings }: DiagnosisJson) {
  const ids = new Set(routes.flatMap(({ causedBy }) => causedBy));
  return findings
    .filter(({ id }) => ids.has(id))
    .map(({ cause, certainty }) => ({ cause: cause as string, certainty }));
}

/** A symptom that the other one explains wherever both are found. */
function explains(cause: string, symptom: string): boolean {
  const known: readonly string[] = causes.find(({ id }) => id === symptom)?.explainedBy ?? [];
  return known.includes(cause);
}

describe("the gateway every route of which fails for another reason, served", () => {
  test("names what diagnose --live names: never another for certain, and each proven once it experiments", {
    timeout: 180_000,
  }, async () => {
    await using world = await brokenWorld();
    using folder = folderWith(world.documents);
    const documents = await runCli(["diagnose", folder.path, "--format", "json"]);
    expect(rootsOf(JSON.parse(documents.stdout))).toEqual([]);
    const running = new Running([folder.path, "--quiet", "--listen", "80=0", "--admin", "127.0.0.1:0"]);
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => void (await running.end()));
    await running.said(/ready/);
    const served = new Served(running);
    await served.probed();
    const asked = await Promise.all(
      world.routes.map(async ({ name, cause }) => {
        const host = `${name}.contoso.example`;
        const path = world.clientUrls.includes(`http://${host}/list`) ? "/list" : "/";
        const id = await served.get(host, path);
        return { name, cause, id, told: await served.ask<Told>(`/explain/${id}`) };
      }),
    );
    for (const { name, cause, told } of asked) {
      const [root, ...others] = rootsOf(told.diagnosis);
      expect([name, root?.cause, others]).toEqual([name, alone[name]?.cause ?? cause, []]);
      expect([null, root?.cause], name).toContain(told.record.cause);
      const certain = root?.certainty === "proven" && root.cause !== cause;
      expect(certain && !explains(cause, root.cause), name).toBe(false);
    }
    for (const { name, cause, id } of asked) {
      const { diagnosis } = await served.ask<Told>(`/explain/${id}/all`, "POST");
      expect([name, rootsOf(diagnosis)]).toEqual([name, [{ cause, certainty: "proven" }]]);
    }
  });
});
