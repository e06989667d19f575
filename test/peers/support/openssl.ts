import { type Peer, startPeer } from "./peer.ts";
import type { Place } from "./places.ts";

/** `openssl s_server`: one connection at a time; with `-www` it answers every request with a page over HTTP/1.0. */
export function startOpenssl(args: readonly string[], folder: string, place: Place): Promise<Peer> {
  const words = ["s_server", "-accept", place.text, ...args];
  return startPeer({ program: "openssl", args: words, folder, readyAt: place });
}
