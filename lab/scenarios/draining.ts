import { baseWorld, httpProgram, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import type { LabWorld } from "../world/world.ts";
import type { Scenario, Stage } from "./scenario.ts";

const blue = ["10.10.2.4", "10.10.2.5"];
const green = ["10.10.2.6", "10.10.2.7"];

const inPool =
  (addresses: readonly string[]) =>
  (draft: Draft): void => {
    draft.part("backendAddressPools", "pool-app", {
      backendAddresses: addresses.map((ipAddress) => ({ ipAddress })),
    });
  };

/** Answers of six seconds; two servers of four are in the pool. */
const drainingFor = (drainTimeoutInSec: number) => (): LabWorld => {
  const connectionDraining = { enabled: true, drainTimeoutInSec };
  const program = () => httpProgram(8080, undefined, { answers: [{ path: "/report", delayMs: 6_000 }] });
  return changed(
    baseWorld({ servers: 4, setting: { connectionDraining, requestTimeout: 30 }, program }),
    inPool(blue),
  );
};

/** The pool changes while requests run; all servers go on. Afterwards it is as it was. */
async function replacedMeanwhile({ change, wait }: Stage): Promise<void> {
  await wait(2_000);
  await change(inPool(green));
  await wait(600_000);
  await change(inPool(blue));
}

const common = {
  disturb: replacedMeanwhile,
  requests: [
    { url: `${names.url}report`, times: 6, together: true },
    { url: names.url, times: 4 },
  ],
  noPeers: "another proxy is not given the new pool",
} as const;

/** Servers that leave the pool in good order, while requests run that take long. */
export const draining: readonly Omit<Scenario, "family">[] = [
  {
    ...common,
    variant: "drain-too-short",
    about: "Servers are replaced in the pool, and requests of six seconds have one second to end.",
    world: drainingFor(1),
    fails: "sometimes",
    expects: [{ cause: "drain-too-short" }],
    withhold: { kinds: [], asks: /activity log/ },
  },
  {
    ...common,
    variant: "drain-twin-long",
    about: "Servers are replaced in the pool, and requests of six seconds have twenty to end.",
    world: drainingFor(20),
    expects: [],
  },
];
