import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Where one peer listens. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** `127.1.2.3:4567`, as the programs write it. */
  readonly text: string;
}

/** A loopback address of our own, so that whoever opens ports on 127.0.0.1 meanwhile is not in the way. */
function ownAddress(): string {
  return `127.${randomInt(16, 240)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/** So many places at one address, all free a moment ago. */
export async function freePlaces(count: number): Promise<readonly Place[]> {
  const address = ownAddress();
  const servers = Array.from({ length: count }, () => createServer().listen(0, address));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const places = servers.map((server) => {
    const { port } = server.address() as AddressInfo;
    return { address, port, text: `${address}:${port}` };
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return places;
}

export async function freePlace(): Promise<Place> {
  const [place] = await freePlaces(1);
  if (place === undefined) throw new Error("no free port");
  return place;
}
