import type { PreparedGateway } from "../../gateway/config/prepared.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { HealthWords } from "../health-words.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import type { RunAdmin } from "../run-admin.ts";
import {
  ConfigurationReader,
  NoListener,
  type RunConfiguration,
  UnreadableDocuments,
} from "../run-configuration.ts";
import type { RunGateway } from "../run-gateway.ts";
import { runCallFrom } from "../run-options.ts";
import { openLogPlace } from "../run-records.ts";
import { Reloader } from "../run-reload.ts";
import { type RunService, type ServiceParts, startService } from "../run-service.ts";
import type { FileWatch } from "../watch-files.ts";
import { say } from "../write-out.ts";

/** Whoever waits so long for the end is told what is waited for. */
const saidAfterMs = 500;

/** `causeway run PATH...`: serves until it is told to end. */
export async function run(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to serve: give files, folders or -; see causeway run --help");
  }
  const call = runCallFrom(args);
  const reader = new ConfigurationReader(args, call, io);
  const notServed = new NotServedWords(args.flag("quiet"), io);
  const first = await firstOf(reader, notServed);
  if (first === undefined) return exitCodes.usage.code;
  await notServed.say(first.prepared);
  const log = call.accessLog === undefined ? undefined : await openLogPlace(call.accessLog, io);
  try {
    const ended = await new Run({ args, call, io, reader, notServed, log }).serve(first);
    return ended === "in order" ? exitCodes.fine.code : exitCodes.interrupted.code;
  } finally {
    await log?.close();
  }
}

/** Undefined: nothing could be read, which has been said. */
async function firstOf(
  reader: ConfigurationReader,
  notServed: NotServedWords,
): Promise<RunConfiguration | undefined> {
  try {
    return await reader.read();
  } catch (error) {
    if (error instanceof UnreadableDocuments) return undefined;
    if (error instanceof NoListener) await notServed.say(error.prepared);
    throw error;
  }
}

interface RunParts extends ServiceParts {
  readonly reader: ConfigurationReader;
  readonly notServed: NotServedWords;
}

/** One call, from the first configuration to the end. */
class Run {
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** Until it is interrupted; once more: without waiting for requests that are under way. */
  async serve(first: RunConfiguration): Promise<"in order" | "at once"> {
    const { io, reader, notServed } = this.#parts;
    const admin = await this.#admin();
    const service = await startService(first, this.#parts);
    const { gateway, view } = service;
    const reloader = new Reloader({
      reader,
      gateway,
      reopenLog: () => service.reopenLog(),
      onServed: ({ prepared }) => notServed.say(prepared),
      io,
    });
    const reload = () => reloader.reload();
    const stopHangup = io.onHangup?.(() => void reload());
    let watch: FileWatch | undefined;
    let ending: Promise<"in order" | "at once"> | undefined;
    try {
      if (view !== undefined) await admin?.open({ gateway, view, reload });
      watch = await this.#watch(reload);
      await this.#untilInterrupted(service, admin);
    } finally {
      stopHangup?.();
      watch?.close();
      admin?.ending();
      ending = this.#end(service, async () => {
        await reloader.end();
        await service.stop(this.#parts.call.drainMs);
        await admin?.close();
      });
      await ending;
    }
    return ending;
  }

  async #end(service: RunService, inOrder: () => Promise<void>): Promise<"in order" | "at once"> {
    const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
    // A third interruption is left to the system.
    const stop = this.#parts.io.onInterrupt?.(() => {
      stop?.();
      interrupt();
    });
    const { io, call } = this.#parts;
    const waiting = setTimeout(() => {
      const most = Math.ceil(call.drainMs / 1000);
      void say(io, `causeway: requests under way have up to ${most} s; interrupt once more to give them up`);
    }, saidAfterMs);
    try {
      return await Promise.race([
        inOrder().then(() => "in order" as const),
        interrupted.then(() => service.hurry()).then(() => "at once" as const),
      ]);
    } finally {
      clearTimeout(waiting);
      stop?.();
    }
  }

  async #untilInterrupted(service: RunService, admin: RunAdmin | undefined): Promise<void> {
    const { io } = this.#parts;
    await io.interruptible(async (signal) => {
      const interrupted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
      await Promise.race([service.gateway.probedOnce().then(() => service.informed()), interrupted]);
      admin?.ready();
      const stop = signal.aborted ? undefined : await this.#sayServed(service.gateway);
      await interrupted;
      stop?.();
    });
  }

  /** What is served and by which servers, then what becomes of them; the answer ends it. */
  async #sayServed(gateway: RunGateway): Promise<() => void> {
    const { io, args } = this.#parts;
    const health = new HealthWords(
      { board: gateway.board, members: () => gateway.current.balancer.view() },
      io,
    );
    const quiet = args.flag("quiet");
    await sayDoors(gateway, io);
    if (!quiet) await health.sayDown();
    await sayReady(gateway, io);
    return quiet ? () => {} : health.follow();
  }

  /** What it needs is loaded only when there is one. */
  async #admin(): Promise<RunAdmin | undefined> {
    const { call, io, args } = this.#parts;
    if (call.admin === undefined) return undefined;
    const loaded = await import("../run-admin.ts");
    return new loaded.RunAdmin(call.admin, io, args.flag("quiet"));
  }

  async #watch(onChange: () => Promise<unknown>): Promise<FileWatch | undefined> {
    const { args, call } = this.#parts;
    if (!call.watch) return undefined;
    const loaded = await import("../watch-files.ts");
    const certificates = (call.prepare.certificates ?? []).flatMap(({ file, keyFile }) => [
      file,
      ...(keyFile === undefined ? [] : [keyFile]),
    ]);
    const pages = (call.prepare.errorPages ?? []).map(({ file }) => file);
    return loaded.FileWatch.start({
      paths: [...args.positionals, ...certificates, ...(call.prepare.authorities ?? []), ...pages],
      except: call.accessLog === undefined || call.accessLog === "-" ? [] : [call.accessLog],
      onChange,
    });
  }
}

/** Says what is not served, each thing once. */
class NotServedWords {
  readonly #said = new Set<string>();
  readonly #quiet: boolean;
  readonly #io: Io;

  constructor(quiet: boolean, io: Io) {
    this.#quiet = quiet;
    this.#io = io;
  }

  async say({ notServed }: PreparedGateway): Promise<void> {
    if (this.#quiet) return;
    for (const { says, instead } of notServed) {
      if (this.#said.has(says)) continue;
      this.#said.add(says);
      await say(this.#io, `causeway: ${says}${instead === undefined ? "" : `; ${instead}`}`);
    }
  }
}

async function sayDoors(gateway: RunGateway, io: Io): Promise<void> {
  for (const { door, port } of gateway.doors) {
    const host = door.host.includes(":") ? `[${door.host}]` : door.host;
    const hosts = door.listeners.flatMap(({ listener }) =>
      listener.hostNames.length === 0 ? ["any host"] : listener.hostNames,
    );
    const names = [...new Set(hosts)];
    const more = names.length > 5 ? `, and ${names.length - 5} more` : "";
    await say(
      io,
      `causeway: ${door.key} is served at ${door.protocol}://${host}:${port} for ${names.slice(0, 5).join(", ")}${more}`,
    );
  }
}

async function sayReady(gateway: RunGateway, io: Io): Promise<void> {
  const entries = [...gateway.board.entries()];
  const up = entries.filter(({ state }) => state.up).length;
  await say(io, `causeway: ${up} of ${entries.length} servers are healthy; ready`);
}
