import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientRequest, sendRequest } from "../machine/client.ts";
import { endProcess, startInside } from "../machine/processes.ts";
import { saidOf } from "./normalise.ts";
import { type Peer, peers } from "./peers.ts";
import type { PeerScene } from "./scene.ts";

/** What another proxy makes of the same network. */
export interface PeerAnswer {
  readonly statuses: readonly number[];
  readonly says: readonly string[];
}

export type PeerAnswers = Readonly<Partial<Record<Peer["name"], PeerAnswer>>>;

/** Each proxy in the gateway's namespace, at a port of its own, gets the requests of the scenario. */
export async function askPeers(
  namespace: string,
  scene: PeerScene,
  requests: readonly ClientRequest[],
  folder: string,
  resolvConf: string,
): Promise<PeerAnswers> {
  const answers = await Promise.all(
    peers.map(async (proxy) => {
      const own = join(folder, proxy.name);
      mkdirSync(own, { recursive: true });
      return [
        proxy.name,
        await askOne(proxy, { namespace, scene, requests, folder: own, resolvConf }),
      ] as const;
    }),
  );
  return Object.fromEntries(answers);
}

interface Asking {
  readonly namespace: string;
  readonly scene: PeerScene;
  readonly requests: readonly ClientRequest[];
  readonly folder: string;
  readonly resolvConf: string;
}

async function askOne(
  proxy: Peer,
  { namespace, scene, requests, folder, resolvConf }: Asking,
): Promise<PeerAnswer> {
  for (const [name, text] of Object.entries(proxy.files(scene, proxy.port))) {
    writeFileSync(join(folder, name), text.replaceAll("$DIR", folder));
  }
  const command = proxy.command.map((word) => word.replaceAll("$DIR", folder));
  const log = join(folder, "output");
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const started = await startInside(namespace, { command, log, ports: [proxy.port], resolvConf, env }).catch(
    () => undefined,
  );
  // Some refuse a configuration with which the gateway only fails.
  if (started === undefined) return { statuses: [], says: ["does not start"] };
  try {
    // The first checks of servers come back.
    await sleep(1500);
    const statuses: number[] = [];
    for (const request of requests) {
      const { url, times: _, pauseMs: __, ...rest } = request;
      const there = new URL(url);
      const moved = {
        ...rest,
        url: `http://${there.hostname}:${proxy.port}${there.pathname}${there.search}`,
      };
      statuses.push((await sendRequest(namespace, moved, "127.0.0.1")).status);
    }
    const texts = [log, ...proxy.logs.map((name) => join(folder, name))].filter((file) => existsSync(file));
    return { statuses, says: saidOf(proxy.name, texts.map((file) => readFileSync(file, "utf8")).join("\n")) };
  } finally {
    await endProcess(started, "SIGKILL");
  }
}
