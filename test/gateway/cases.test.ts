import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { type CauseId, causeIds } from "../../src/diagnosis/cause-ids.ts";
import { limitsOf } from "../../src/gateway/assemble.ts";
import { parseBackends, parseListen } from "../../src/gateway/config/options.ts";
import { prepare } from "../../src/gateway/config/prepare.ts";
import { V1Lines } from "../../src/gateway/log/v1-lines.ts";
import { V2Lines } from "../../src/gateway/log/v2-lines.ts";
import type { Gateway } from "../../src/model/gateway.ts";
import { expanded, modelOf } from "../documents/short/support.ts";
import { caseFiles, type Expected, type GatewayCase } from "./cases/case-file.ts";
import { CaseServer } from "./cases/case-servers.ts";
import { freePort, Scene } from "./exchange/scene.ts";

for (const [file, cases] of caseFiles()) {
  describe(file.replace(/\.yaml$/, ""), () => {
    test.each(cases)("$name", async (one) => {
      await using stack = new AsyncDisposableStack();
      const servers = new Map<string, CaseServer>();
      for (const [address, steps] of Object.entries(one.servers ?? {}))
        servers.set(address, stack.use(await CaseServer.of(steps)));
      const { id, resource } = expanded(one.gateway);
      const gateway = modelOf(id, resource);
      const scene = stack.use(await sceneOf(one, gateway, servers));
      holds(await play(scene.port, one), one.gets, "the client got");
      const rows = (await scene.recorded(one.log.length)).map((record) => rowOf(gateway, record));
      expect(rows).toHaveLength(one.log.length);
      expect(rows).toMatchObject(one.log);
      for (const [address, server] of servers) {
        const seen = one.sees?.[address] ?? [];
        expect(server.got, `connections of ${address}`).toHaveLength(seen.length);
        for (const [index, expected] of seen.entries())
          holds(server.got[index] ?? "", expected, `${address} got`);
      }
    });
  });
}

async function sceneOf(
  { limits, unhealthy = {} }: GatewayCase,
  gateway: Gateway,
  servers: ReadonlyMap<string, CaseServer>,
): Promise<Scene> {
  const members = new Set(
    gateway.pools.flatMap((pool) => pool.members.flatMap(({ address }) => address ?? [])),
  );
  const mapped: string[] = [];
  for (const member of members)
    mapped.push(`${member}=127.0.0.1:${servers.get(member)?.port ?? (await freePort())}`);
  const backends = parseBackends(mapped);
  const ports = [
    ...new Set(gateway.listeners.flatMap(({ frontendPort }) => frontendPort?.target?.port ?? [])),
  ];
  const listen = ports
    .map((port) => parseListen(`${port}=0`))
    .flatMap((one) => ("fault" in one ? [] : [one]));
  if ("fault" in backends) throw new Error(backends.fault);
  const prepared = await prepare(
    gateway,
    { listen, backends },
    { nowMs: Date.now(), readFile: () => Promise.reject(new Error("no files here")) },
  );
  const scene = await Scene.of(prepared, {
    limitsOf: (generation) => ({ ...limitsOf(generation), ...limits }),
  });
  takeOut(scene, unhealthy);
  return scene;
}

/** The servers that these members are, as their probes have found them. */
function takeOut(scene: Scene, unhealthy: Readonly<Record<string, string>>): void {
  const out = Object.entries(unhealthy);
  for (const { server, entry } of scene.assembly.current?.balancer.view() ?? []) {
    const named = out.find(([address]) => address === server.address)?.[1];
    if (named === undefined || entry === undefined) continue;
    const cause: CauseId | undefined = causeIds.find((id) => id === named);
    if (cause === undefined) throw new Error(`there is no cause ${named}`);

    const last = { outcome: "unhealthy", kind: "tcp-refused", says: "for the case", atMs: 9 } as const;
    scene.board.set({ ...entry, cause, state: { ...entry.state, up: false, failuresInRow: 3, last } });
  }
}

/** All that the client got. It ends with the script, or with the connection. */
async function play(port: number, { client }: GatewayCase): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let text = "";
  let closed = false;
  let seen = (): void => {};
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    seen();
  });
  const over = (): void => {
    closed = true;
    seen();
  };
  socket.on("error", over).on("close", over).on("end", over);
  const until = async (enough: () => boolean): Promise<void> => {
    while (!closed && !enough()) await new Promise<void>((resolve) => (seen = resolve));
  };
  for (const step of client) {
    if (step === "end") socket.end();
    else if (step === "reset") socket.resetAndDestroy();
    else if ("send" in step) socket.write(step.send.repeat(step.times ?? 1), "latin1");
    else await until(() => text.includes(step.until));
  }
  const last = client.at(-1);
  if (typeof last !== "object" || "send" in last) await until(() => false);
  socket.destroy();
  return text;
}

function rowOf(gateway: Gateway, record: Parameters<V2Lines["partsOf"]>[0]): unknown {
  const identity = { gatewayId: gateway.id, worker: 0 };
  const lines = gateway.generation === "v1" ? new V1Lines(identity) : new V2Lines(identity);
  const { properties, causeway, ...row } = JSON.parse(lines.partsOf(record).join(""));
  return { ...row, ...properties, ...causeway };
}

function holds(text: string, { starts, has = [], not = [], body }: Expected, what: string): void {
  if (starts !== undefined) expect(text.slice(0, starts.length), what).toBe(starts);
  for (const part of has) expect(text, what).toContain(part);
  for (const part of not) expect(text.toLowerCase(), what).not.toContain(part.toLowerCase());
  if (body !== undefined) expect(text.slice(text.lastIndexOf("\r\n\r\n") + 4), what).toBe(body);
}
