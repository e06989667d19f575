import { createServer, type Server } from "node:net";
import type { Door } from "../config/prepared.ts";
import { DoorRefused } from "../server.ts";

/** What a door is called where several processes open it. */
export const doorName = ({ host, key }: Pick<Door, "host" | "key">): string => `${host} ${key}`;

/**
 * Decides where the workers listen. Ports that several processes share are open to any process of this user, so whoever
 * else has one would go unnoticed: each new place is taken alone first, for a moment.
 */
export class PortPlan {
  #ports: ReadonlyMap<string, number> = new Map();

  /** Port of each door by its name, those of before for doors that stay. Rejects with `DoorRefused`. */
  async plan(doors: readonly Door[]): Promise<ReadonlyMap<string, number>> {
    const known = new Set([...this.#ports].map(([name, port]) => placeOf(name, port)));
    const ports = new Map<string, number>();
    for (const door of doors) {
      const name = doorName(door);
      const before = door.port === 0 ? this.#ports.get(name) : door.port;
      const isOpen = before !== undefined && known.has(placeOf(name, before));
      ports.set(name, isOpen ? before : await takenAlone(door));
    }
    return ports;
  }

  /** These are open from now on. */
  opened(ports: ReadonlyMap<string, number>): void {
    this.#ports = ports;
  }

  portOf(door: Door): number {
    return this.#ports.get(doorName(door)) ?? door.port;
  }
}

const placeOf = (name: string, port: number): string => `${name.split(" ", 1)[0]} ${port}`;

async function takenAlone(door: Door): Promise<number> {
  try {
    const { server, port } = await listening({ host: door.host, port: door.port });
    await closed(server);
    return port;
  } catch (error) {
    throw new DoorRefused(door, error as NodeJS.ErrnoException);
  }
}

/** Whether this system lets several processes listen at one port, and shares connections among them. */
export async function canSharePorts(): Promise<boolean> {
  const host = "127.0.0.1";
  const open: Server[] = [];
  try {
    const first = await listening({ host, port: 0, reusePort: true });
    open.push(first.server);
    const second = await listening({ host, port: first.port, reusePort: true });
    open.push(second.server);
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all(open.map(closed));
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly reusePort?: boolean;
}

function listening(place: Place): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...place, exclusive: true }, () => {
      const address = server.address();
      resolve({ server, port: address !== null && typeof address === "object" ? address.port : place.port });
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
