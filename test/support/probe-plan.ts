import type { Planned, ProbePlan } from "../../src/health/probe-plan.ts";

type Values = { readonly [Key in "port" | "host" | "path" | "sni"]?: Value<Key> };
type Value<Key extends keyof ProbePlan> = ProbePlan[Key] extends Planned<infer T> ? T : never;

function planned<T>(value: T): Planned<T> {
  return { value, because: { document: "gateway.json", pointer: "/probes/0" } };
}

/** A plan as a configuration would give it, for tests that only send it. */
export function planOf(
  values: Values & {
    readonly protocol?: ProbePlan["protocol"];
    readonly timeoutS?: number;
    readonly rejected?: boolean;
  },
): ProbePlan {
  const host = "host" in values ? values.host : "app.contoso.com";
  return {
    kind: "custom",
    protocol: values.protocol ?? "Http",
    port: planned(values.port),
    host: { ...planned(host), rejected: values.rejected ?? false },
    path: planned(values.path ?? "/health"),
    proxyHeader: false,
    sni: planned(values.sni),
    timeoutS: values.timeoutS ?? 5,
    intervalS: 30,
    unhealthyThreshold: 3,
    minServers: 0,
    healthyStatuses: planned([]),
    healthyBody: planned(undefined),
  };
}
