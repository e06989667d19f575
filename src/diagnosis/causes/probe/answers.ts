import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Pair, Server, Wiring } from "../../../routing/routes.ts";
import type { Undecided } from "../../cause.ts";
import { healthExport } from "../../exports.ts";
import type { Health, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { seenEvidence } from "../../statements.ts";

/** Servers that share what is probably wrong: one probe, or one setting under the default probe. */
export interface ProbeUse {
  /** `probe NAME` or `setting NAME`: stable, and one per faulty object. */
  readonly key: string;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly servers: readonly Server[];
}

/** Groups servers by the object that decides how they are probed. */
export function byProbe(servers: readonly Server[]): ProbeUse[] {
  const uses = new Map<
    string,
    { probe: Probe | undefined; settings: Set<BackendSetting>; servers: Server[] }
  >();
  for (const server of servers) {
    const { setting } = server.pair;
    const probe = setting.probe?.target;
    const key = probe === undefined ? `setting ${setting.name}` : `probe ${probe.name}`;
    const use = uses.get(key) ?? { probe, settings: new Set(), servers: [] };
    uses.set(key, use);
    use.settings.add(setting);
    use.servers.push(server);
  }
  return [...uses].map(([key, use]) => ({ key, ...use, settings: [...use.settings] }));
}

/** A server that answered its probe with a status that was not accepted. */
export interface RefusedAnswer extends HealthEntry {
  readonly status: number;
}

/** Unhealthy servers whose message tells the status, where it is one of those wanted. */
export function refusedWith(health: Health, wanted: (status: number) => boolean): RefusedAnswer[] {
  return health.unhealthy.flatMap((entry) => {
    const { phase, received } = entry.message;
    return phase === "http" && received !== undefined && wanted(received)
      ? [{ ...entry, status: received }]
      : [];
  });
}

const unseenPairs = new WeakMap<Wiring, { health: Health; pairs: readonly Pair[] }>();

/** Layer 7 pairs with servers whose answer to the probe nobody saw. */
export function pairsUnseen(wiring: Wiring, health: Health): readonly Pair[] {
  const found = unseenPairs.get(wiring);
  if (found?.health === health) return found.pairs;
  const pairs = wiring.pairs.filter(
    (pair) =>
      pair.setting.collection === "backendHttpSettingsCollection" &&
      pair.servers.some((server) => {
        const seen = health.of(server)?.observation.health;
        return seen === undefined || seen === "unknown";
      }),
  );
  unseenPairs.set(wiring, { health, pairs });
  return pairs;
}

/** One open question about the pairs a check concerns and whose answers nobody saw. */
export function openWithoutReport(
  {
    gateway,
    wiring,
    health,
  }: { readonly gateway: Gateway; readonly wiring: Wiring; readonly health: Health },
  concerns: (pair: Pair) => boolean,
): Undecided[] {
  const pairs = pairsUnseen(wiring, health).filter(concerns);
  if (pairs.length === 0) return [];
  const needs = { what: "what the servers answer to the probe", command: healthExport(gateway.id) };
  return [{ is: "undecided", needs, affects: { pairs } }];
}

/** What was seen of a server, as evidence. */
export function reportEvidence(entry: HealthEntry | undefined): Evidence[] {
  return entry === undefined ? [] : [seenEvidence(entry)];
}

/** The first entry of the report about any of the servers that is not healthy. */
export function firstEntry(health: Health, servers: readonly Server[]): HealthEntry | undefined {
  for (const server of servers) {
    const entry = health.of(server);
    if (entry !== undefined && entry.observation.health !== "healthy") return entry;
  }
  return undefined;
}
