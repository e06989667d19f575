import { type Connecting, messageMark } from "../../health/message.ts";
import { isKnown, type ServerState } from "../../health/server-state.ts";
import type { Pair } from "../../routing/routes.ts";
import type { MemberView } from "../balance/balancer.ts";

/** One server in the shape of the vendor's report (health-probes.md §11). */
interface ServerReport {
  readonly address: string;
  readonly health: "Healthy" | "Unhealthy" | "Unknown" | "Draining";
  /** In words of our own, with a mark at the end by which it is read back. */
  readonly healthProbeLog: string;
  readonly ipConfiguration?: { readonly id: string };
}

/** The whole report in the vendor's shape, so that `causeway diagnose` reads it like an exported one. */
export interface BackendHealthReport {
  readonly backendAddressPools: readonly {
    readonly backendAddressPool: { readonly id: string };
    readonly backendHttpSettingsCollection: readonly {
      readonly backendHttpSettings: { readonly id: string };
      readonly servers: readonly ServerReport[];
    }[];
  }[];
}

/** `pairs`: every pair of the configuration, those without servers too. */
export function backendHealthOf(pairs: readonly Pair[], members: readonly MemberView[]): BackendHealthReport {
  const byPair = Map.groupBy(members, ({ pair }) => pair);
  const byPool = Map.groupBy(pairs, ({ pool }) => pool);
  return {
    backendAddressPools: [...byPool].map(([pool, ofPool]) => ({
      backendAddressPool: { id: pool.id },
      backendHttpSettingsCollection: ofPool.map((pair) => ({
        backendHttpSettings: { id: pair.setting.id },
        servers: (byPair.get(pair) ?? []).map(serverReport),
      })),
    })),
  };
}

function serverReport(view: MemberView): ServerReport {
  const { server } = view;
  const { ipConfiguration } = server.member;
  return {
    address: server.address ?? "",
    health: healthOf(view),
    healthProbeLog: logOf(view),
    ...(ipConfiguration === undefined ? {} : { ipConfiguration: { id: ipConfiguration.id } }),
  };
}

/** Kept by `minServers`, a server is reported healthy though its text tells otherwise (health-probes.md §5). */
function healthOf({ entry, removed, inService }: MemberView): ServerReport["health"] {
  if (removed) return "Draining";
  if (entry === undefined || entry.notSent !== undefined || !isKnown(entry.state)) return "Unknown";
  return entry.state.up || inService ? "Healthy" : "Unhealthy";
}

function logOf({ says, entry }: MemberView): string {
  const message = entry?.message ?? (hasNoAddress(entry) ? "dns" : undefined);
  if (message === undefined) return says;
  return `${says} ${messageMark(message, entry?.observation?.http?.status ?? connectingOf(entry?.state))}`;
}

/** Silent DNS servers decide nothing for somebody who asks from elsewhere; for the gateway itself they do. */
export function hasNoAddress(entry: MemberView["entry"]): boolean {
  const dns = entry?.observation?.dns;
  return dns !== undefined && dns.used.length === 0;
}

function connectingOf(state: ServerState | undefined): Connecting | undefined {
  const kind = state?.last?.kind;
  return kind === "tcp-refused" ? "refused" : kind === "tcp-timed-out" ? "silent" : undefined;
}
