import type { Door, PreparedGateway } from "./config/prepared.ts";
import type { Serving } from "./exchange/parts.ts";
import { OpenDoor } from "./front/open-door.ts";
import { listenFaultWords } from "./listen-fault.ts";

/** Everything that belongs to one configuration. */
export interface Configured {
  readonly serving: Serving;
  /** All doors are open: it is what is served from now on. */
  served(): void;
  /** Another one is served from now on; exchanges under way still end with this one. */
  close(): void;
}

/** Makes ready what a configuration needs. What is served does not change before `served`. */
export type Configure = (prepared: PreparedGateway) => Configured;

/** A door that cannot be opened. */
export class DoorRefused extends Error {
  readonly door: Door;

  constructor(door: Door, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${placeWords(door)}: ${listenFaultWords(cause)}${insteadOf(door, cause)}`, {
      cause,
    });
    this.name = "DoorRefused";
    this.door = door;
  }
}

/** Of ports below 1024, which most users may not have, the way out is said. */
function insteadOf({ port, frontendPort }: Door, { code }: NodeJS.ErrnoException): string {
  if (code !== "EACCES" || port >= 1024) return "";
  const free = frontendPort < 1024 ? 8000 + frontendPort : frontendPort;
  return `; ports below 1024 are for privileged users: take another, such as --listen ${frontendPort}=${free}`;
}

/** Another configuration, ready to be served; everything that could be refused has been tried. */
export interface Staged {
  /** Serves it from the next request on. */
  commit(): void | Promise<void>;
  /** Nothing has changed. */
  abandon(): Promise<void>;
}

/** A gateway that is being served. */
export class GatewayServer {
  readonly #configure: Configure;
  #configured: Configured;
  #doors: Map<string, OpenDoor>;
  readonly #leaving = new Set<Promise<void>>();
  #reloading: Promise<void> = Promise.resolve();

  private constructor(configure: Configure, configured: Configured, doors: Map<string, OpenDoor>) {
    this.#configure = configure;
    this.#configured = configured;
    this.#doors = doors;
  }

  /** Opens all doors or, with `DoorRefused`, none. */
  static async start(prepared: PreparedGateway, configure: Configure): Promise<GatewayServer> {
    const configured = configure(prepared);
    try {
      const doors = await openDoors(prepared.doors, configured.serving, new Map());
      configured.served();
      return new GatewayServer(configure, configured, doors);
    } catch (error) {
      configured.close();
      throw error;
    }
  }

  get doors(): readonly OpenDoor[] {
    return [...this.#doors.values()];
  }

  get configured(): Configured {
    return this.#configured;
  }

  /**
   * Serves another configuration from the next request on. Doors that stay are not closed in between, exchanges under way
   * end as they began. When a new door cannot be opened, nothing has changed.
   */
  reload(prepared: PreparedGateway): Promise<void> {
    const turn = this.#reloading.then(async () => (await this.stage(prepared)).commit());
    this.#reloading = turn.catch(() => {});
    return turn;
  }

  /** The first half of `reload`, for whoever has others to ask before the second. One at a time. */
  async stage(prepared: PreparedGateway): Promise<Staged> {
    const configured = this.#configure(prepared);
    let opened: Map<string, OpenDoor>;
    try {
      opened = await openDoors(prepared.doors, configured.serving, this.#doors);
    } catch (error) {
      configured.close();
      throw error;
    }
    return {
      commit: () => this.#take(prepared, configured, opened),
      abandon: async () => {
        configured.close();
        await Promise.all([...opened.values()].map((open) => open.close(0)));
      },
    };
  }

  #take(prepared: PreparedGateway, configured: Configured, opened: ReadonlyMap<string, OpenDoor>): void {
    const before = this.#configured;
    const doors = new Map<string, OpenDoor>();
    for (const door of prepared.doors) {
      const key = placeKey(door);
      const open = opened.get(key) ?? this.#doors.get(key);
      if (open === undefined) continue;
      open.serve(door, configured.serving);
      doors.set(key, open);
    }
    for (const [key, open] of this.#doors) if (!doors.has(key)) this.#leave(open);
    this.#doors = doors;
    this.#configured = configured;
    configured.served();
    before.close();
  }

  /** Takes no more connections, lets exchanges end for so long, and ends what is left. */
  async stop(drainMs: number): Promise<void> {
    await this.#reloading;
    await Promise.all([...this.#leaving, ...this.doors.map((door) => door.close(drainMs))]);
    this.#configured.close();
  }

  /** Its connections end with the request under way. */
  #leave(door: OpenDoor): void {
    const left = door.close(leavingMs).then(() => void this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

/** How long requests may still run on a door that the configuration has no more. */
const leavingMs = 30_000;

async function openDoors(
  wanted: readonly Door[],
  serving: Serving,
  known: ReadonlyMap<string, OpenDoor>,
): Promise<Map<string, OpenDoor>> {
  const opened = new Map<string, OpenDoor>();
  for (const door of wanted) {
    const key = placeKey(door);
    if (known.has(key)) continue;
    try {
      opened.set(key, await OpenDoor.open(door, serving));
    } catch (error) {
      await Promise.all([...opened.values()].map((open) => open.close(0)));
      throw new DoorRefused(door, error as NodeJS.ErrnoException);
    }
  }
  return opened;
}

const placeWords = ({ host, port }: Pick<Door, "host" | "port">): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** Equal for the same place; doors for which the system chooses a port are known by their name. */
const placeKey = (door: Door): string => (door.port === 0 ? `${door.host} ${door.key}` : placeWords(door));
