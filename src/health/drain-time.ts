import type { BackendSetting } from "../model/gateway.ts";
import { isLayer7 } from "./exchange.ts";

/** Without connection draining, and on layer 4, what runs on a server that is taken out has this long (request-handling.md §6). */
const builtInDrainS = 30;

/** How long requests and connections may still run on a server that is not in the pool any more. */
export function drainTimeS({ connectionDraining, protocol }: BackendSetting): number {
  if (!isLayer7(protocol) || connectionDraining?.enabled !== true) return builtInDrainS;
  return connectionDraining.drainTimeoutS ?? builtInDrainS;
}
