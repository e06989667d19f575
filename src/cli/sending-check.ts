import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Gateway } from "../model/gateway.ts";
import { UsageError } from "./exit-codes.ts";
import type { Sending } from "./sending-options.ts";
import { suggestion } from "./suggestion.ts";

const mostNamed = 5;

/** What only the documents and this machine tell of a call that sends; throws `UsageError`. Nothing is sent. */
export async function checkSending(
  { fromAddress, mapping }: Sending,
  gateways: readonly Gateway[],
): Promise<void> {
  const members = gateways.flatMap(({ pools }) =>
    pools.flatMap((pool) => pool.members.flatMap(({ address }) => address ?? [])),
  );
  const stranger = mapping?.strangerAmong(members);
  if (stranger !== undefined) {
    const known = [...new Set(members)];
    const near = suggestion(stranger, known, (name) => `; did you mean ${name}?`);
    const there = known.length === 0 ? "" : `; there is ${known.slice(0, mostNamed).join(", ")}`;
    throw new UsageError(`--backend: ${stranger} is no member of a backend pool${near || there}`);
  }
  if (fromAddress === undefined || (await isOwn(fromAddress))) return;
  throw new UsageError(`--from-address: this machine has no address ${fromAddress}`);
}

/** Whether a socket may have it; the list of interfaces does not tell, since one may stand for many addresses. */
function isOwn(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const end = (own: boolean): void => {
      socket.close();
      resolve(own);
    };
    socket.once("error", () => end(false)).once("listening", () => end(true));
    socket.bind({ port: 0, address });
  });
}
