import type { MemberView } from "../gateway/balance/balancer.ts";
import type { AdminState } from "../gateway/balance/member.ts";
import { drainTimeS } from "../health/drain-time.ts";

/** What the operator did to a server by the admin port, as a line; `before`: how it stood. Undefined: nothing changed. */
export function adminWords(
  { pair, server }: Pick<MemberView, "pair" | "server">,
  before: AdminState,
  admin: AdminState,
): string | undefined {
  // To drain it once more begins its time anew.
  if (admin === before && admin !== "draining") return undefined;
  return `${server.address ?? "a server"} of ${pair.id} is ${standing(admin, drainTimeS(pair.setting))} by the admin port`;
}

function standing(admin: AdminState, drainS: number): string {
  if (admin === "enabled") return "put back";
  return `taken out (${admin === "draining" ? `draining, ${drainS} s` : "disabled"})`;
}
