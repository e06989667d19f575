import type { ClientPlace, ClientSide } from "../exchange/client-side.ts";

/** A client that gets no response. */
export function nobodyAt(place: ClientPlace): ClientSide {
  const nothing = (): void => {};
  return {
    place,
    gone: true,
    receivedBytes: 0,
    sentBytes: 0,
    interim: nothing,
    respond: nothing,
    write: nothing,
    finish: nothing,
    cut: nothing,
    pauseBody: nothing,
    resumeBody: nothing,
    startTunnel: (tunnel) => tunnel.abort(),
    exchangeOver: nothing,
  };
}
