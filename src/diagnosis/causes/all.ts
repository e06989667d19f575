import type { Cause } from "../cause.ts";
import keepaliveRace from "./http/keepalive-race.ts";
import nsgBackendSubnetIn from "./nsg/nsg-backend-subnet-in.ts";
import probeDefaultHost from "./probe/probe-default-host.ts";

/** Every cause, in the order of the catalogue. Written by `npm run generate` from the files beside it. */
export const causes: readonly Cause[] = [
  probeDefaultHost,
  nsgBackendSubnetIn,
  keepaliveRace,
];
