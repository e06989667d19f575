import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Door, DoorTls, TlsIdentity } from "../config/prepared.ts";
import type { ClientPlace } from "../exchange/client-side.ts";
import type { Ending } from "../exchange/exchange-record.ts";
import type { Serving } from "../exchange/parts.ts";
import { clientShown } from "../front/client-certificate.ts";
import { SecureSocket } from "../front/secure-socket.ts";
import type { Limit } from "../limits/gate.ts";
import { loopNowMs } from "../loop-clock.ts";
import { arrivalAt, placeOf } from "./arrival.ts";
import { type Layer4Ended, recordOf } from "./record.ts";
import { Layer4Session } from "./session.ts";

/** Who keeps count of connections. */
export interface Layer4Host {
  /** A handshake begins, and is over. */
  shaking(handshake: SecureSocket): void;
  shaken(handshake: SecureSocket): void;
  opened(session: Layer4Session): void;
  gone(session: Layer4Session): void;
  /** It has ended before it became one. */
  turnedAway(place: ClientPlace): void;
}

/** Takes a connection to a door of layer 4; `limit`: for which there is no room. */
export function arrive(
  socket: Socket,
  door: Door,
  serving: Serving,
  host: Layer4Host,
  limit: Limit | undefined,
): void {
  const place = placeOf(socket, door);
  if (place === undefined) return void socket.destroy();
  const arriving = new Arriving(socket, door, place, serving, host);
  if (limit === undefined) arriving.begin();
  else arriving.refuse(limit);
}

class Arriving {
  readonly #raw: Socket;
  readonly #door: Door;
  readonly #place: ClientPlace;
  readonly #serving: Serving;
  readonly #host: Layer4Host;
  readonly #sinceMs = loopNowMs();

  constructor(raw: Socket, door: Door, place: ClientPlace, serving: Serving, host: Layer4Host) {
    this.#raw = raw;
    this.#door = door;
    this.#place = place;
    this.#serving = serving;
    this.#host = host;
  }

  begin(): void {
    const { tls, listeners } = this.#door;
    if (tls === undefined) this.#open(this.#raw, this.#place, listeners[0]);
    else this.#shakeHands(tls);
  }

  /** There is no answer that every protocol knows. */
  refuse(limit: Limit): void {
    this.#raw.resetAndDestroy();
    this.#turnAway({ status: 503, ending: "KR", limit });
  }

  #shakeHands(tls: DoorTls): void {
    const handshake = new SecureSocket(this.#raw, tls, this.#serving.wheel, {
      secured: (secure, identity) => {
        this.#host.shaken(handshake);
        this.#secured(secure, identity);
      },
      notTls: (socket) => {
        this.#host.shaken(handshake);
        socket.destroy();
        this.#refused("PR");
      },
      gone: (late) => {
        this.#host.shaken(handshake);
        this.#refused(late ? "cR" : "CR");
      },
    });
    this.#host.shaking(handshake);
  }

  #secured(secure: TLSSocket, { listener, clients }: TlsIdentity): void {
    const { certificate, refusal } = clientShown(secure, clients, Date.now());
    const place = {
      ...this.#place,
      tls: { protocol: secure.getProtocol() ?? "", cipher: secure.getCipher().name },
      clientCertificate: certificate,
    };
    if (refusal !== undefined) {
      secure.destroy();
      this.#refused("PR", place);
      return;
    }
    const { listeners } = this.#door;
    const bound = listeners.find((one) => one.listener === listener) ?? listeners[0];
    this.#open(secure, place, bound);
  }

  #open(client: Socket, place: ClientPlace, bound: Door["listeners"][0]): void {
    const arrival = arrivalAt(bound, this.#raw, place, this.#serving, this.#sinceMs);
    const session = new Layer4Session(client, arrival, (one) => this.#host.gone(one));
    this.#host.opened(session);
    session.start();
  }

  /** What the client said is not what the listener speaks: nothing was carried, and it has its record too. */
  #refused(ending: Ending, place: ClientPlace = this.#place): void {
    this.#turnAway({ status: 400, ending }, place);
  }

  #turnAway(ended: Layer4Ended, place: ClientPlace = this.#place): void {
    const arrival = arrivalAt(this.#door.listeners[0], this.#raw, place, this.#serving, this.#sinceMs);
    const nothing = { receivedBytes: 0, sentBytes: 0 };
    // Which listener was meant is not known where there are several.
    const at = this.#door.listeners.length === 1 ? arrival : { ...arrival, route: undefined };
    this.#serving.records.record(recordOf(at, [], nothing, ended));
    this.#host.turnedAway(place);
  }
}
