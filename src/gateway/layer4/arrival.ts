import type { Socket } from "node:net";
import { planConnection } from "../../health/connection-plan.ts";
import { proxyHeader } from "../../probe/proxy-header.ts";
import type { BoundListener } from "../../routing/listener-match.ts";
import type { Route, Server } from "../../routing/routes.ts";
import type { Door } from "../config/prepared.ts";
import type { ClientPlace } from "../exchange/client-side.ts";
import type { Serving } from "../exchange/parts.ts";
import { newTransactionId } from "../exchange/transaction-id.ts";
import type { ForwardedRequest } from "../upstream/contract.ts";

/** A client of layer 4, and where it came by. */
export interface Arrival {
  readonly transactionId: string;
  readonly bound: BoundListener;
  /** Undefined = no rule leads from the listener to anywhere. */
  readonly route: Route | undefined;
  readonly place: ClientPlace;
  /** Of this machine, as the client sees it. */
  readonly gatewayAddress: string | undefined;
  /** The configuration of the moment: a reload does not change it. */
  readonly serving: Serving;
  /** When it came, by `loopNowMs()`. */
  readonly sinceMs: number;
  /** So long nothing may come either way. */
  readonly idleMs: number;
}

/** Undefined = it has gone already. */
export function placeOf(socket: Socket, { frontendPort, frontend }: Door): ClientPlace | undefined {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return {
    address: plainAddress(remoteAddress),
    port: remotePort,
    frontendPort,
    frontend,
    tls: undefined,
    http2: false,
  };
}

export function arrivalAt(
  bound: BoundListener,
  socket: Socket,
  place: ClientPlace,
  serving: Serving,
  sinceMs: number,
): Arrival {
  const route = serving.prepared.wiring.routes.find(({ rule }) => rule === bound.rule);
  const { localAddress } = socket;
  return {
    transactionId: newTransactionId(),
    bound,
    route,
    place,
    gatewayAddress: localAddress === undefined ? undefined : plainAddress(localAddress),
    serving,
    sinceMs,
    idleMs: (route?.pair?.setting.requestTimeoutS ?? 20) * 1000,
  };
}

/** An IPv4 client of a socket for both families. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

/** The whole of `connectMs` of the upstream is for connecting: there is no response to wait for. */
const connectMs = 30_000;

/** What is opened towards one server. */
export function connectionFor(server: Server, arrival: Arrival): ForwardedRequest {
  const { prepared, switches } = arrival.serving;
  const { setting } = server.pair;
  const plan = planConnection(prepared.gateway.generation, setting, server.address, switches);
  return {
    method: "",
    head: "",
    body: "none",
    upgrade: false,
    sni: "notSent" in plan ? undefined : plan.sni,
    responseTimeoutMs: connectMs,
    raw: { preface: setting.enableL4ClientIpPreservation ? clientHeader(arrival) : "" },
  };
}

/** The client as the server is to see it, and the gateway as the client does, at the port of the configuration. */
function clientHeader({ place, gatewayAddress }: Arrival): string {
  return proxyHeader({
    localAddress: place.address,
    localPort: place.port,
    remoteAddress: gatewayAddress,
    remotePort: place.frontendPort,
  });
}
