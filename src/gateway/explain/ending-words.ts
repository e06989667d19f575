import type { EndedBy, EndedIn, Ending } from "../exchange/exchange-record.ts";

/** Who, as the subject of a sentence. */
export const whoWords: Readonly<Record<EndedBy, string>> = {
  "-": "nobody: it went well",
  C: "the client",
  S: "the server, or the network in front of it",
  P: "the gateway, on purpose or by its rules",
  N: "the name could not be resolved",
  c: "time was up waiting for the client",
  s: "time was up waiting for the server",
  O: "the operator: the server was taken out of the pool, and its drain time was over",
  I: "the gateway itself failed",
  K: "limits: too much is going on",
};

export const phaseWords: Readonly<Record<EndedIn, string>> = {
  "-": "–",
  R: "the request was being read",
  Q: "no server could be chosen",
  C: "connecting to a server",
  T: "TLS with a server",
  H: "waiting for the response head",
  D: "the response was being relayed",
  L: "the last bytes were on their way",
  U: "a tunnel after an upgrade, or a connection of layer 4",
};

/** What an ending means, what the client saw, and what to look at. One paragraph each. */
export interface EndingText {
  readonly means: string;
  readonly client: string;
  readonly look: string;
}

/** Every ending that exchanges have. */
export const endingTexts: Readonly<Partial<Record<Ending, EndingText>>> = {
  "--": {
    means:
      "The client got a whole response: the server's, whatever its status, or one that a rule asks for, such as a redirect.",
    client: "That response. With 5xx it is the server's own error; the row then has a `serverStatus`.",
    look: "Nothing, unless the status is an error of the server's: then at the application.",
  },
  CR: {
    means: "The client went away, or ended its side, before its request was whole.",
    client: "Nothing any more; the log has 499 (v1: 0).",
    look: "Clients that give up early; uploads over bad lines.",
  },
  CC: {
    means: "The client went away while a server was being connected to.",
    client: "Nothing any more; the log has 499 (v1: 0).",
    look: "Whether connecting takes long: the client's patience ended before the connect time-out.",
  },
  CH: {
    means: "The client went away while the server was thinking.",
    client: "Nothing any more; the log has 499 (v1: 0).",
    look: "The time-out of the client against `requestTimeout`, and how long the server takes.",
  },
  CD: {
    means: "The client went away in the middle of the response.",
    client: "A part of the response.",
    look: "Usually nothing: closed tabs, cancelled downloads.",
  },
  CU: {
    means: "The client ended a tunnel (WebSocket or another upgrade), or reset a connection of layer 4.",
    client: "The end it asked for.",
    look: "Nothing.",
  },
  cR: {
    means:
      "The request did not come in time: a head that was not whole within 60 seconds, a body in which nothing came for so long, or one that comes drop by drop.",
    client: "408.",
    look: "Slow or stuck clients; somebody who keeps connections open on purpose.",
  },
  cD: {
    means:
      "The client did not take the response that waits for it: nothing for too long, or hardly anything.",
    client: "A part of the response, and a connection that is cut.",
    look: "Clients that stopped reading; somebody who keeps connections open on purpose.",
  },
  cU: {
    means: "The client of a tunnel did not take what waits for it.",
    client: "A connection that is cut.",
    look: "Clients that stopped reading.",
  },
  KR: {
    means:
      "Too much is going on for this process: the request was refused before a server was chosen. `limit` of the row says what there was too much of: `connections`, `client-connections`, `requests`, or what is nearly used up: `memory`, `heap`, and `delay` for a process that cannot keep up. No cause of the catalogue is named: it is this machine, and nothing in the gateway's resources.",
    client: "503, and the connection is closed.",
    look: "`causeway_overload_level`, `causeway_overload_reading` and `causeway_refusals` among the metrics; then `--max-connections`, `--max-connections-per-client`, `--max-requests` and `--max-memory`, the limit of open files, or who sends so much.",
  },
  PR: {
    means:
      "The gateway refuses the request: it is not valid, no listener or rule takes it, or a method is not allowed.",
    client: "400, 403, 404, 405, 413 or the like, with the gateway's page.",
    look: "`error_info` of the row, which names the reason, and `fault` and `offset` where the request is not valid; listeners and their host names for 404.",
  },
  PQ: {
    means:
      "There was no server to send it to: the pool is empty, all servers are down by their probes or taken out by hand, or the rule leads nowhere.",
    client: "502.",
    look: "`noServer` of the row, which says which of these it was; then the cause: it is that of the last probe of most of the servers. `/health` on the admin port has them all.",
  },
  PU: {
    means:
      "The gateway ended a connection of layer 4: nothing came either way for the `timeout` of the backend setting, or it is not served any more; `endedFor` of the row says which.",
    client: "The end of the connection.",
    look: "The `timeout` of the setting against how long both sides may be silent; keep-alive of the protocol that is carried.",
  },
  OC: {
    means:
      "The server left the pool, and its drain time was over before it was connected to; there was no other server.",
    client: "502, after other servers were tried.",
    look: "What else the pool has; the server that left may not be there any more.",
  },
  OH: {
    means: "The server left the pool, and its drain time was over before a response head.",
    client: "502. It is not repeated: on another server it would begin anew.",
    look: "`connectionDraining` of the backend setting (30 s where it is off) against how long the application takes.",
  },
  OD: {
    means: "The server left the pool, and its drain time was over in the middle of its response.",
    client: "A part of the response, and a connection that is cut so that nobody takes it for whole.",
    look: "`connectionDraining` of the backend setting (30 s where it is off) against how long downloads take.",
  },
  OU: {
    means:
      "The server left the pool, and its drain time was over while a tunnel (WebSocket or another upgrade), or a connection of layer 4, was open.",
    client: "The end of the tunnel or connection.",
    look: "Nothing, where clients connect again by themselves; otherwise `connectionDraining` of the backend setting. On layer 4 it is 30 s, whatever the setting says.",
  },
  NC: {
    means: "The name of the server has no address.",
    client: "502.",
    look: "The name in the pool, and the DNS servers that are asked.",
  },
  IC: {
    means:
      "The gateway had no socket left to connect with, or to ask for a name: this process has as many files open as it may, or the machine has no memory for more. No server is to blame, and none is put aside.",
    client: "502, after other servers were tried.",
    look: "`detail` of the attempt; the limit of open files (`ulimit -n`), or `--max-connections` and `--max-requests`, which have to leave room for connections to servers.",
  },
  SC: {
    means: "The connection was refused, reset or impossible.",
    client: "502, after other servers were tried.",
    look: "Whether anything listens on that port, and the way there.",
  },
  sC: {
    means: "No connection came about in time: something drops the packets silently.",
    client: "502, after other servers were tried.",
    look: "Firewalls of the host and on the way, network security groups, routes.",
  },
  ST: {
    means: "The server broke off the TLS handshake, or does not speak TLS on that port.",
    client: "502, after other servers were tried.",
    look: "The alert in `detail`; protocol versions, the name asked for, client certificates.",
  },
  sT: {
    means: "The TLS handshake did not end in time.",
    client: "502, after other servers were tried.",
    look: "Whether the port speaks TLS at all; an overloaded server.",
  },
  PT: {
    means: "The gateway does not accept the server's certificate.",
    client: "502, after other servers were tried.",
    look: "The cause, which names the fault of the chain; `docs/causes.md` has the fix of each.",
  },
  SH: {
    means: "The server closed or reset the connection before a response head.",
    client:
      "502; what may be repeated was repeated: once where the connection had been idle, and once on another server.",
    look: "Crashes and recycling of the application; with `stale`, the idle time-out of the server, which must be longer than the gateway's.",
  },
  sH: {
    means: "No response within `requestTimeout`.",
    client: "504 on v2, after a second server was tried where that is allowed; 502 on v1.",
    look: "What the application waits for; then the time-out of the backend setting.",
  },
  PH: {
    means: "What the server sent is no valid response.",
    client: "502.",
    look: "`detail` and `offset` of the attempt; `/errors` on the admin port has the last such response of each server, masked.",
  },
  SD: {
    means: "The server ended the connection in the middle of its response.",
    client: "A part of the response, and a connection that is cut so that nobody takes it for whole.",
    look: "Crashes and limits of the application.",
  },
  sD: {
    means: "The response stopped coming.",
    client: "A part of the response, and a connection that is cut.",
    look: "What the application waits for in the middle of an answer.",
  },
  PD: {
    means: "The body of the response breaks the rules of its framing.",
    client: "A part of the response, and a connection that is cut.",
    look: "`detail` and `offset` of the attempt; the program that writes the chunks.",
  },
  sU: {
    means: "Nothing came through a tunnel (WebSocket or another upgrade), either way, for `requestTimeout`.",
    client: "The end of the tunnel.",
    look: "Pings of the application, which have to come more often; then `requestTimeout` of the backend setting.",
  },
  SU: {
    means: "The server ended a tunnel (WebSocket or another upgrade), or reset a connection of layer 4.",
    client: "The end of the tunnel.",
    look: "Nothing, unless it happens early: then idle limits of the server.",
  },
};
