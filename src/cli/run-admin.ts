import { activityReport } from "../gateway/admin/activity-report.ts";
import type { AdminReload, AdminSources } from "../gateway/admin/admin-api.ts";
import { type AdminPlace, type AdminServer, openAdmin } from "../gateway/admin/admin-server.ts";
import type { MemberView } from "../gateway/balance/balancer.ts";
import type { AdminState } from "../gateway/balance/member.ts";
import { backendHealthOf } from "../gateway/health/backend-health.ts";
import type { GateFigures } from "../gateway/limits/gate.ts";
import { gateText } from "../gateway/limits/gate-text.ts";
import { limitWords } from "../gateway/limits/refusals.ts";
import { listenFaultWords } from "../gateway/listen-fault.ts";
import { adminPlaceWords } from "./admin-place.ts";
import { adminWords } from "./admin-words.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { RunExplainer } from "./run-explainer.ts";
import type { RunGateway } from "./run-gateway.ts";
import { probesRecorded } from "./run-recording.ts";
import type { ReloadOutcome } from "./run-reload.ts";
import type { RunView } from "./run-view.ts";
import { say } from "./write-out.ts";

/** What the admin port tells of and does. */
export interface AdminParts {
  readonly gateway: RunGateway;
  readonly view: RunView;
  readonly reload: () => Promise<ReloadOutcome>;
}

/** The admin port of a run. */
export class RunAdmin {
  readonly #place: AdminPlace;
  readonly #io: Io;
  readonly #quiet: boolean;
  #waitingFor: string | undefined = "the first probes have not come back";
  #server: AdminServer | undefined;
  #explainer: RunExplainer | undefined;

  /** `quiet`: what the operator does is not said. */
  constructor(place: AdminPlace, io: Io, quiet: boolean) {
    this.#place = place;
    this.#io = io;
    this.#quiet = quiet;
  }

  /** Throws `UsageError` when the place is taken. */
  async open(parts: AdminParts): Promise<void> {
    try {
      this.#server = await openAdmin(this.#place, this.#sourcesOf(parts));
    } catch (error) {
      const why = listenFaultWords(error as NodeJS.ErrnoException);
      throw new UsageError(`--admin: cannot listen on ${adminPlaceWords(this.#place)}: ${why}`);
    }
    const { port } = this.#server;
    await say(this.#io, `causeway: the admin port is ${adminPlaceWords(this.#place, port)}`);
  }

  ready(): void {
    this.#waitingFor = undefined;
  }

  /** From now on it tells that no more requests should be sent here. */
  ending(): void {
    this.#waitingFor = "it is ending";
  }

  async close(): Promise<void> {
    this.#explainer?.stop();
    await this.#server?.close();
  }

  #sourcesOf({ gateway, view, reload }: AdminParts): AdminSources {
    const prepared = () => gateway.configuration.prepared;
    const now = () => this.#io.now();
    const sinceMs = now();
    const explainer = new RunExplainer(gateway, now);
    this.#explainer = explainer;
    return {
      waitingFor: async () => this.#waitingFor ?? overloadOf(await view.gate()),
      members: () => view.members(),
      backendHealth: async () => backendHealthOf(prepared().wiring.pairs, await view.members()),
      observations: () => probesRecorded(gateway, now()),
      metrics: async () => (await view.metrics()).text(await view.members()) + gateText(await view.gate()),
      activity: async () =>
        activityReport({
          activity: await view.activity(),
          gateway: prepared().gateway,
          routes: prepared().wiring.routes,
          members: await view.members(),
          connections: await view.connections(),
          sinceMs,
          nowMs: now(),
        }),
      recordsOf: (start) => view.recordsOf(start),
      diagnosisOf: (kept) => explainer.diagnosisOf(kept),
      wordsOn: (kept) => explainer.wordsOn(kept),
      experimentOn: (kept, mode) => explainer.experimentOn(kept, mode),
      invalidResponses: () => view.invalidResponses(),
      configuration: () => prepared().gateway.source.value,
      setAdmin: async (pairId, address, admin) => {
        const before = memberOf(gateway, pairId, address);
        const isKnown = await view.setAdmin(pairId, address, admin);
        if (isKnown && before !== undefined) await this.#saySet(before, admin);
        return isKnown;
      },
      reload: async () => reloadWords(await reload()),
    };
  }

  async #saySet(member: MemberView, admin: AdminState): Promise<void> {
    const words = this.#quiet ? undefined : adminWords(member, member.admin, admin);
    if (words !== undefined) await say(this.#io, `causeway: ${words}`);
  }
}

/** As the operator calls it, in any case of letters. */
function memberOf({ current }: RunGateway, pairId: string, address: string): MemberView | undefined {
  const [wantedPair, wanted] = [pairId.toLowerCase(), address.toLowerCase()];
  return current.balancer
    .view()
    .find(
      ({ pair, server, removed }) =>
        !removed && pair.id.toLowerCase() === wantedPair && server.address?.toLowerCase() === wanted,
    );
}

function reloadWords(outcome: ReloadOutcome): AdminReload {
  if (outcome.kind === "served") return { status: 200, changes: outcome.changes };
  return { status: outcome.for === "documents" ? 422 : 409, why: outcome.why };
}

/** Why no more requests should be sent here for now. */
function overloadOf({ overload: { level, because } }: GateFigures): string | undefined {
  return level === 2 && because !== undefined ? `too much is going on: ${limitWords[because]}` : undefined;
}
