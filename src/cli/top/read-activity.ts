import type {
  ActivityReport,
  FailureActivity,
  RouteActivity,
  ServerActivity,
} from "../../gateway/admin/activity-report.ts";
import type { LatencyCell } from "../../gateway/metrics/latencies.ts";
import type { NoServer } from "../../model/own-member.ts";

/** What answered is no admin port, or one of another version. */
export class NotActivity extends Error {}

/** Reads what `/activity` answered; throws `NotActivity`. Whoever took the port may answer anything. */
export function readActivity(text: string): ActivityReport {
  const report = new Fields(parsed(text));
  if (report.value("format") !== "causeway/activity/v1")
    throw new NotActivity("it is not causeway's activity");
  const gateway = report.inner("gateway");
  return {
    format: "causeway/activity/v1",
    at: report.time("at"),
    since: report.time("since"),
    gateway: { name: gateway.text("name"), generation: gateway.one("generation", ["v1", "v2"]) },
    connections: report.number("connections"),
    recentMinutes: report.number("recentMinutes"),
    routes: report.list("routes", routeFrom),
    servers: report.list("servers", serverFrom),
    failures: report.list("failures", failureFrom),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotActivity("it is not JSON");
  }
}

function routeFrom(route: Fields): RouteActivity {
  const statuses = route.inner("statuses");
  return {
    route: route.textOrNull("route"),
    pool: route.textOrNull("pool"),
    setting: route.textOrNull("setting"),
    leadsTo: route.one("leadsTo", ["pool", "redirect", "nothing"]),
    served: route.flag("served"),
    requests: route.number("requests"),
    statuses: {
      "1xx": statuses.number("1xx"),
      "2xx": statuses.number("2xx"),
      "3xx": statuses.number("3xx"),
      "4xx": statuses.number("4xx"),
      "5xx": statuses.number("5xx"),
      other: statuses.number("other"),
    },
    badGateways: route.number("badGateways"),
    latency: route.latency(),
  };
}

function serverFrom(server: Fields): ServerActivity {
  return {
    pair: server.text("pair"),
    address: server.textOrNull("address"),
    up: server.flag("up"),
    inService: server.flag("inService"),
    admin: server.one("admin", ["enabled", "draining", "disabled"]),
    removed: server.flag("removed"),
    aside: server.flag("aside"),
    busy: server.number("busy"),
    says: server.text("says"),
    cause: server.textOrNull("cause"),
    attempts: server.number("attempts"),
    failed: server.number("failed"),
    latency: server.latency(),
  };
}

const noServers: readonly NoServer[] = ["pool-empty", "none-healthy", "taken-out", "all-tried"];

function failureFrom(failure: Fields): FailureActivity {
  return {
    cause: failure.textOrNull("cause"),
    route: failure.textOrNull("route"),
    recent: failure.number("recent"),
    total: failure.number("total"),
    status: failure.number("status"),
    ending: failure.text("ending"),
    // A gateway of an older version does not tell it.
    noServer: (failure.value("noServer") ?? null) === null ? null : failure.one("noServer", noServers),
    transactionId: failure.text("transactionId"),
    at: failure.time("at"),
  };
}

/** The fields of a JSON object, each of the kind it must be of. */
class Fields {
  readonly #object: ReadonlyMap<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null) throw new NotActivity("a part of it is no object");
    this.#object = new Map(Object.entries(value));
  }

  value(name: string): unknown {
    return this.#object.get(name);
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === "string") return value;
    throw this.#wrong(name);
  }

  textOrNull(name: string): string | null {
    return this.value(name) === null ? null : this.text(name);
  }

  time(name: string): string {
    const value = this.text(name);
    if (Number.isNaN(Date.parse(value))) throw this.#wrong(name);
    return value;
  }

  number(name: string): number {
    const value = this.value(name);
    if (typeof value === "number") return value;
    throw this.#wrong(name);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value === "boolean") return value;
    throw this.#wrong(name);
  }

  one<T extends string>(name: string, known: readonly T[]): T {
    const found = known.find((one) => one === this.value(name));
    if (found === undefined) throw this.#wrong(name);
    return found;
  }

  inner(name: string): Fields {
    return new Fields(this.value(name));
  }

  list<T>(name: string, read: (fields: Fields) => T): readonly T[] {
    return this.#items(name).map((item) => read(new Fields(item)));
  }

  latency(): readonly LatencyCell[] {
    return this.#items("latency").map((cell): LatencyCell => {
      const [upToMs, count] = Array.isArray(cell) ? cell : [];
      if (typeof upToMs !== "number" || typeof count !== "number") throw this.#wrong("latency");
      return [upToMs, count];
    });
  }

  #items(name: string): readonly unknown[] {
    const value = this.value(name);
    if (Array.isArray(value)) return value;
    throw this.#wrong(name);
  }

  #wrong(name: string): NotActivity {
    return new NotActivity(`its ${name} is not what it should be`);
  }
}
