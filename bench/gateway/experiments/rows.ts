import { frontName } from "../measure/workshop.ts";
import type { Target } from "../measure/wrk.ts";
import type { Servers } from "../servers/nginx-servers.ts";
import { plainScene, type Scene, type SceneRoute } from "../subjects/subject.ts";

/** One row of the table: what is served, and what is asked. */
export interface Row {
  readonly name: string;
  readonly says: string;
  /** Servers behind the subject. */
  readonly servers: number;
  readonly connections: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly bodyBytes: number;
  readonly scene: Partial<Scene>;
  /** Hosts × paths below each; undefined = one route for all. */
  readonly routes?: { readonly hosts: number; readonly paths: number };
}

const plain = {
  servers: 1,
  connections: 64,
  method: "GET",
  path: "/",
  bodyBytes: 0,
  scene: {},
} as const;

export const allRows: readonly Row[] = [
  { ...plain, name: "plain", says: "HTTP, answers of 200 B" },
  { ...plain, name: "tls-front", says: "TLS from the client", scene: { frontTls: true } },
  { ...plain, name: "tls-back", says: "TLS to the server", scene: { backTls: true } },
  { ...plain, name: "large", says: "answers of 64 KiB", path: "/large", connections: 32 },
  {
    ...plain,
    name: "upload",
    says: "uploads of 1 MiB",
    method: "POST",
    path: "/upload",
    ...{ bodyBytes: 1024 * 1024, connections: 16 },
  },
  { ...plain, name: "workers", says: "HTTP, two workers", scene: { workers: 2 } },
  {
    ...plain,
    name: "routes",
    says: "100 routes × 50 servers",
    servers: 50,
    routes: { hosts: 10, paths: 10 },
  },
];

export function sceneOf(row: Row, { addresses, port, tlsPort }: Servers): Scene {
  const servers = addresses.map((address) => ({
    address,
    port: row.scene.backTls === true ? tlsPort : port,
  }));
  const scene = plainScene(servers, row.scene);
  return row.routes === undefined ? scene : { ...scene, routes: manyRoutes(row.routes, servers) };
}

function manyRoutes(
  { hosts, paths }: NonNullable<Row["routes"]>,
  servers: SceneRoute["servers"],
): readonly SceneRoute[] {
  return Array.from({ length: hosts * paths }, (_, index) => ({
    host: `shop-${Math.floor(index / paths)}.contoso.example`,
    path: `/part-${index % paths}/`,
    servers,
  }));
}

/** What is asked for, in turn. */
export function targetsOf(row: Row, { routes }: Scene): readonly Target[] {
  if (row.routes === undefined) return [{ host: frontName, path: row.path }];
  return routes.map(({ host, path }) => ({ host: host ?? frontName, path: `${path}item?id=1` }));
}
