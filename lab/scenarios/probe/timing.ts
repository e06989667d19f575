import { baseWorld, httpProgram, names } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import { networkId } from "../../world/resource.ts";
import type { Scenario } from "../scenario.ts";
import { nginx, node } from "./programs.ts";

const slowHealth = (delayMs: number) => node({ answers: [{ path: "/health", delayMs }] });
const ok = 'location / { return 200 "ok"; }';

/** When the probe asks, where, and how long it waits. */
export const timingScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "timeout-short",
    about: "The health page takes two seconds, and the probe waits one.",
    world: () => baseWorld({ program: slowHealth(2000) }),
    expects: [{ cause: "probe-timeout-short" }],
  },
  {
    variant: "timeout-short-v1-https-fqdn",
    about: "The same on v1 by name, and with a time-out longer than the interval.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { interval: 1, timeout: 2 },
        setting: { requestTimeout: 5 },
        program: slowHealth(3000),
      }),
    expects: [{ cause: "probe-timeout-short" }],
  },
  {
    variant: "timeout-short-one-of-two-https",
    about: "The health page of one of two servers takes two seconds.",
    world: () =>
      baseWorld({
        protocol: "Https",
        program: (place) => (place.name === "app-2" ? slowHealth(2000) : node({}))(place),
      }),
    expects: [{ cause: "probe-timeout-short" }],
    fails: "never",
  },
  {
    variant: "timeout-twin-slow-but-waited-for",
    about: "The health page takes a second and a half, and the probe waits four.",
    world: () => baseWorld({ probe: { timeout: 4, interval: 4 }, program: slowHealth(1500) }),
    expects: [],
  },
  {
    variant: "port-nobody",
    about: "The probe asks on a management port that nobody listens on.",
    world: () => baseWorld({ probe: { port: 9090 } }),
    expects: [{ cause: "probe-port" }],
  },
  {
    variant: "port-nobody-https-fqdn",
    about: "The probe asks on port 443, requests go to 8443, where nginx is.",
    world: () =>
      baseWorld({ ...{ protocol: "Https", members: "fqdn" }, probe: { port: 443 }, program: nginx(ok) }),
    expects: [{ cause: "probe-port" }],
  },
  {
    variant: "port-requests-dead",
    about: "The management port answers the probe, and nobody listens where requests go.",
    world: () => baseWorld({ probe: { port: 9090 }, program: () => httpProgram(9090) }),
    requests: [{ url: names.url, times: 6 }],
    expects: [{ cause: "probe-port" }],
  },
  {
    variant: "port-twin-management",
    about: "The probe asks on a management port of its own, which answers as well.",
    world: () =>
      baseWorld({ probe: { port: 9090 }, program: ({ port }) => [httpProgram(port), httpProgram(9090)] }),
    expects: [],
  },
  {
    variant: "out-of-range-timeout",
    about: "The time-out of the probe is 0; what serves takes the nearest value that is allowed.",
    world: () => baseWorld({ probe: { timeout: 0 } }),
    expects: [{ cause: "probe-out-of-range", asRisk: true }],
    fails: "never",
  },
  {
    variant: "out-of-range-threshold-v1",
    about: "The threshold of the probe is 25, on v1.",
    world: () => baseWorld({ generation: "v1", probe: { unhealthyThreshold: 25 } }),
    expects: [{ cause: "probe-out-of-range", asRisk: true }],
    fails: "never",
  },
  {
    variant: "out-of-range-twin-limits",
    about: "Time-out 86400 and threshold 1 are the outermost values allowed.",
    world: () => baseWorld({ probe: { timeout: 86_400, unhealthyThreshold: 1 } }),
    expects: [],
  },
  {
    variant: "slow-detection",
    about: "Five minutes between probes and ten failures: an hour until a dead server is noticed.",
    world: () => baseWorld({ probe: { interval: 300, timeout: 30, unhealthyThreshold: 10 } }),
    expects: [{ cause: "probe-slow-detection", asRisk: true }],
    fails: "never",
  },
  {
    variant: "slow-detection-v1-https-fqdn",
    about: "The same by a threshold of 20, on v1 with names as members.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { interval: 120, timeout: 30, unhealthyThreshold: 20 },
      }),
    expects: [{ cause: "probe-slow-detection", asRisk: true }],
    fails: "never",
  },
  {
    variant: "slow-detection-twin-usual",
    about: "Thirty seconds and a threshold of three, as the default probe has it.",
    world: () => baseWorld({ probe: { interval: 30, timeout: 30, unhealthyThreshold: 3 } }),
    expects: [],
  },
  {
    variant: "first-success-pending",
    unsteady: "it passes by itself with the first probe that goes well",
    about: "The gateway was changed just now, and its first probes have not come back.",
    world: () => justChanged({ probe: { interval: 30, timeout: 30 }, program: slowHealth(9000) }),
    expects: [{ cause: "probe-first-success-pending" }],
  },
  {
    variant: "first-success-pending-v1-nic",
    unsteady: "it passes by itself with the first probe that goes well",
    about: "The same on v1, with one server joined by its interface.",
    world: () =>
      justChanged({
        ...{ generation: "v1", members: "nic", servers: 1 },
        probe: { interval: 30, timeout: 30 },
        program: slowHealth(9000),
      }),
    expects: [{ cause: "probe-first-success-pending" }],
  },
];

/** The world's activity log tells of a change made a moment ago. */
function justChanged(wish: Parameters<typeof baseWorld>[0]) {
  const operation = "Microsoft.Network/applicationGateways/write";
  return changed(baseWorld(wish), (draft) =>
    draft.more({
      exports: {
        "activity-log.json": [
          {
            eventTimestamp: new Date().toISOString(),
            operationName: { value: operation, localizedValue: "Create or Update Application Gateway" },
            resourceId: networkId("applicationGateways", "agw-lab"),
            status: { value: "Succeeded" },
            ...{ correlationId: "lab", level: "Informational", category: { value: "Administrative" } },
            id: `${networkId("applicationGateways", "agw-lab")}/events/lab`,
          },
        ],
      },
    }),
  );
}
