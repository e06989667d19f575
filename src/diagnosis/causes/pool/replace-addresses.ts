import type { Change } from "../../../model/change.ts";
import type { BackendPool, Gateway, PoolMember } from "../../../model/gateway.ts";
import type { FixProposal } from "../../finding.ts";
import { listed, partId } from "../../statements.ts";

/** Puts other addresses in the place of members that are listed by address. */
export function replaceAddresses(
  gateway: Gateway,
  pool: BackendPool,
  replacements: readonly { readonly from: PoolMember; readonly to: string }[],
): FixProposal {
  const resourceId = partId(gateway, "backendAddressPools", pool);
  const list = "backendAddresses";
  return {
    summary: `In pool ${pool.name}, replace ${listed(replacements.map(({ from, to }) => `${from.address} by ${to}`))}.`,
    changes: replacements.flatMap(({ from, to }): Change[] => [
      { action: "remove", resourceId, list, value: asWritten(from) },
      { action: "add", resourceId, list, value: { ipAddress: to } },
    ]),
    sideEffects: [
      `Requests go to ${listed(replacements.map(({ to }) => to))} as soon as a probe succeeds there.`,
    ],
  };
}

/** Addresses also stand in the field for names. */
function asWritten({ address = "", source }: PoolMember) {
  return source.text("fqdn") === address ? { fqdn: address } : { ipAddress: address };
}
