import type { CauseId } from "../../src/diagnosis/cause-ids.ts";
import type { ClientRequest } from "../machine/client.ts";
import type { Draft } from "../world/draft.ts";
import type { LabWorld } from "../world/world.ts";

/** What is right to say of one route. */
export interface Expectation {
  /** `listener/rule`; default `web/app`. */
  readonly route?: string;
  readonly cause: CauseId;
  /** Nothing fails by it now: it has to stand among the risks, and nothing is to be called a root beside it. */
  readonly asRisk?: true;
  /** Other ids that are as right here, and why. `until` = `live`: only as long as nobody may try what else is answered. */
  readonly equals?: readonly { readonly cause: CauseId; readonly why: string; readonly until?: "live" }[];
}

/** What a person who follows a fix on a server would do; applied only when the first root names the cause there. */
export interface OperatorAction {
  readonly cause: CauseId;
  /**
   * Addresses of the servers it is done on, as the report names them; the finding must stand on one of them. None: it is
   * done on the gateway, and being named is enough.
   */
  readonly servers: readonly string[];
  readonly edit: (draft: Draft) => void;
}

/** While requests are sent: flapping servers, restarts, deployments. */
export interface Stage {
  /** The world as it is now. */
  readonly world: LabWorld;
  /** Aborted when the requests are over. */
  readonly signal: AbortSignal;
  /** Makes a change to the hosts for real. */
  readonly change: (edit: (draft: Draft) => void) => Promise<void>;
  /** Ends the programs of a host and starts them anew. */
  readonly restart: (host: string) => Promise<void>;
  /** Settles early when the requests are over. */
  readonly wait: (ms: number) => Promise<void>;
  /** As if so many minutes of quiet service went by, in the access log and the activity log (`chronicle.ts`). */
  readonly passes: (minutes: number) => Promise<void>;
}

export interface Scenario {
  readonly family: string;
  /** What is peculiar; with the family it is the id. */
  readonly variant: string;
  /** One sentence: what is wrong, or which harmless detail tempts. */
  readonly about: string;
  readonly world: () => LabWorld;
  /** Empty: healthy, and nothing must be called a root. */
  readonly expects: readonly Expectation[];
  /** What shows only once that is mended: `--live` and `/explain` are asked again then, and the worse answer counts. */
  readonly behind?: readonly Expectation[];
  /** How many requests fail. Default: `always` of a broken world, `never` of a healthy one. */
  readonly fails?: "always" | "sometimes" | "never";
  /** Default: two GETs of the base worlds' URL. */
  readonly requests?: readonly ClientRequest[];
  readonly disturb?: (stage: Stage) => Promise<void>;
  /** Kinds of resources that were not exported (`networkSecurityGroups` …) and what must be named as missing. */
  readonly withhold?: { readonly kinds: readonly string[]; readonly asks: RegExp };
  readonly operator?: readonly OperatorAction[];
  /** More options of `diagnose --live`. */
  readonly liveOptions?: readonly string[];
  /** Why what is answered differs from run to run: told, and no regression. */
  readonly unsteady?: string;
  /** Why other proxies are not asked: they have no such notion. */
  readonly noPeers?: string;
}

export function idOf({ family, variant }: Scenario): string {
  return `${family}/${variant}`;
}
