import type { Server } from "node:net";
import type { TlsOptions } from "node:tls";

/** What a Node server of the lab does: makes a server that does not listen yet. `options` come from the world, as JSON. */
export type Behaviour = (options: unknown, tls: TlsOptions | undefined) => Server;
