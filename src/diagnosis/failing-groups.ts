import { exchangeKey } from "../health/exchange-key.ts";
import type { Failing, Live } from "./live-evidence.ts";

/** Exchanges that fail alike: the same question, asked of servers of one pair, with the same end. */
export interface FailingGroup {
  readonly key: string;
  /** At least one. What is found out by experiment about one of them holds for all. */
  readonly members: readonly [Failing, ...Failing[]];
}

/** The failing exchanges, those that fail alike together, in order of first appearance. */
export function failingGroups(live: Live): readonly FailingGroup[] {
  const groups = new Map<string, [Failing, ...Failing[]]>();
  for (const failing of live.failing) {
    const key = groupKey(failing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [failing]);
    else group.push(failing);
  }
  return [...groups].map(([key, members]) => ({ key, members }));
}

function groupKey(failing: Failing): string {
  const { server, plan, kind, status } = failing;
  // What DNS says of one name tells nothing of another.
  const name = kind.startsWith("name-") ? server.address : undefined;
  const ownName = server.address !== undefined && plan.host === server.address;
  const asked = ownName ? { ...plan, host: "(its own)", sni: plan.sni && "(its own)" } : plan;
  return JSON.stringify([
    server.pair.id,
    plan.purpose,
    kind,
    status,
    tlsEnd(failing),
    name,
    exchangeKey("", asked),
  ]);
}

/** Two refused certificates, or two alerts, are alike only where the same is wrong with them. */
function tlsEnd({ kind, chain, observation: { tls } }: Failing): string | undefined {
  if (kind === "tls-alert") return tls?.alert ?? tls?.lateAlert;
  if (kind !== "certificate") return undefined;
  return chain?.faults.flatMap((fault) => (fault.enforced ? fault.kind : [])).join();
}
