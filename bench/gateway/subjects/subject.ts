import type { Started } from "../measure/processes.ts";
import type { Workshop } from "../measure/workshop.ts";

/** Requests for a host (undefined = any) below a path go to these servers in turn. */
export interface SceneRoute {
  readonly host: string | undefined;
  readonly path: string;
  readonly servers: readonly Server[];
}

export interface Server {
  readonly address: string;
  readonly port: number;
}

/** What a subject is to serve. */
export interface Scene {
  readonly frontTls: boolean;
  readonly backTls: boolean;
  readonly routes: readonly SceneRoute[];
  readonly workers: number;
  /** Servers are probed each second, are given one second to answer, and what may be repeated is. */
  readonly watchful: boolean;
  /** Stands somewhere in the configuration, so that a reload has something new to read. */
  readonly generation: number;
}

/** Where it is to run. */
export interface Site {
  readonly shop: Workshop;
  /** Of its own: configuration, logs, temporary files. */
  readonly folder: string;
  readonly port: number;
  readonly cpus: string | undefined;
}

/** One that is running. `process` and all below it are what it costs. */
export interface RunningSubject {
  readonly process: Started;
  /** Takes over another scene without ending; undefined = it cannot. */
  readonly reload: ((scene: Scene) => Promise<void>) | undefined;
}

/** A gateway or proxy that is measured. */
export interface Subject {
  readonly name: string;
  /** What stands beside its figures, e.g. that it keeps no log. */
  readonly note: string;
  /** Beside the others in the table of processor time alone: no gateway, or one that is measured already, otherwise set up. */
  readonly tableOnly: boolean;
  /** Open files it wants to be allowed for each connection of a client, also of one that asks nothing. */
  readonly filesPerConnection: number;
  /** Undefined = it is not installed. */
  version(): string | undefined;
  covers(scene: Scene): boolean;
  start(scene: Scene, site: Site): Promise<RunningSubject>;
}

/** The scene of most rows: one route to all servers, plain on both sides, one worker. */
export function plainScene(servers: readonly Server[], more: Partial<Scene> = {}): Scene {
  return {
    frontTls: false,
    backTls: false,
    routes: [{ host: undefined, path: "/", servers }],
    workers: 1,
    watchful: false,
    generation: 0,
    ...more,
  };
}
