import { isIPv6, type Socket } from "node:net";

/**
 * The header of the PROXY protocol, version 1, by the connection's own two ends; `UNKNOWN` where it has none any more,
 * as the protocol has it for connections that cannot be told of.
 */
export function proxyHeader(
  socket: Pick<Socket, "localAddress" | "localPort" | "remoteAddress" | "remotePort">,
): string {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const ends = [withoutZone(localAddress), withoutZone(remoteAddress), localPort, remotePort];
  if (ends.includes(undefined)) return "PROXY UNKNOWN\r\n";
  return `PROXY ${isIPv6(localAddress ?? "") ? "TCP6" : "TCP4"} ${ends.join(" ")}\r\n`;
}

/** Zones mean something on one machine only. */
function withoutZone(address: string | undefined): string | undefined {
  return address?.replace(/%.*$/, "");
}
