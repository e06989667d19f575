import type { MemberView } from "../balance/balancer.ts";

/** A server as the admin port tells of it, whatever else is told. */
export interface MemberState {
  /** `pool~setting` */
  readonly pair: string;
  /** Null: its address is not among the documents. */
  readonly address: string | null;
  readonly up: boolean;
  readonly inService: boolean;
  readonly admin: MemberView["admin"];
  readonly removed: boolean;
  readonly aside: boolean;
  /** Attempts under way. */
  readonly busy: number;
  readonly says: string;
  readonly cause: string | null;
}

export function memberState(view: MemberView): MemberState {
  const { pair, server, admin, removed, inService, aside, busy, entry, says } = view;
  return {
    pair: pair.id,
    address: server.address ?? null,
    up: entry?.state.up ?? false,
    inService,
    admin,
    removed,
    aside,
    busy,
    says,
    cause: entry?.cause ?? null,
  };
}
