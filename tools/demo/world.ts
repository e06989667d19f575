import { cpSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { copyExample, type DemoFolder } from "./documents.ts";
import { GatewayProcess } from "./gateway.ts";
import { type StandIns, standIns } from "./stand-ins.ts";

/** The example, served on this machine. */
export interface DemoWorld extends AsyncDisposable {
  readonly folder: DemoFolder;
  readonly gateway: GatewayProcess;
  readonly words: readonly string[];
  /** Every fix at once, as somebody would make them in Azure; then the gateway reads the documents again. */
  applyFixes(): Promise<void>;
}

export interface DemoWish {
  /** Everything takes a tenth of the time. */
  readonly quick: boolean;
  /** The usual ones of a demonstration are tried first; otherwise any. */
  readonly usualPorts: boolean;
}

/** Longer than the 20 s that the setting of the example waits for it. */
const reportMs = 25_000;

export async function demoWorld({ quick, usualPorts }: DemoWish): Promise<DemoWorld> {
  await using stack = new AsyncDisposableStack();
  const servers: StandIns = stack.use(await standIns(quick ? reportMs / 10 : reportMs));
  const folder = stack.use(copyExample({ contosoRoot: servers.contosoRoot, quick }));
  servers.follow(folder.broken);
  const authority = join(folder.path, "public-root.pem");
  writeFileSync(authority, servers.publicRoot);
  const port = (wanted: number) => (usualPorts ? freeOr(wanted) : Promise.resolve(0));
  const words = [
    folder.broken,
    ...["--listen", `443=${await port(8443)}`, "--listen", `80=${await port(8080)}`],
    ...["--admin", `127.0.0.1:${await port(9090)}`],
    ...["--self-signed", "--ca", authority, "--access-log", join(folder.path, "access.log")],
    ...servers.backends.flatMap((mapping) => ["--backend", mapping]),
  ];
  const gateway = stack.use(await GatewayProcess.start(words));
  const all = stack.move();
  return {
    folder,
    gateway,
    words,
    applyFixes: async () => {
      cpSync(folder.fixed, folder.broken, { recursive: true });
      await gateway.reload();
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The port when nobody has it, otherwise 0: one that is free. */
function freeOr(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}
