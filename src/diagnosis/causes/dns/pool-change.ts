import type { Change, Json } from "../../../model/change.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { partId } from "../../statements.ts";

/** Puts another name or address in the place of one in every pool that has it. */
export function replaceMember(
  gateway: Gateway,
  servers: readonly Server[],
  old: string,
  now: { readonly [key in "fqdn" | "ipAddress"]?: string },
): Change[] {
  const pools = new Set(servers.map(({ pair }) => pair.pool));
  return [...pools].flatMap((pool): Change[] => {
    const resourceId = partId(gateway, "backendAddressPools", pool);
    const list = "backendAddresses";
    return [
      { action: "remove", resourceId, list, value: { fqdn: old } },
      { action: "add", resourceId, list, value: now as Json },
    ];
  });
}
