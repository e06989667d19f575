import type { Gateway } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { FixProposal } from "../../finding.ts";
import { probeAsks } from "./host-fix.ts";

/** Asks for the name under which the server was seen to do, instead of the one that failed. */
export function foundNameFix(gateway: Gateway, pair: Pair, asked: string, found: string): FixProposal {
  const { setting, pool } = pair;
  if (gateway.generation === "v1") {
    return {
      summary: `List the servers of pool ${pool.name} by the name ${found}, which DNS has to know; or install a certificate for ${asked} on them.`,
      changes: [],
      sideEffects: [],
    };
  }
  const probe = setting.probe?.target;
  const changes = probeAsks(gateway, setting, asked, found);
  const traffic = changes.some(({ resourceId }) => !/\/probes\//i.test(resourceId));
  const settingWords = `backend setting ${setting.name}${probe === undefined ? "" : `, and probe ${probe.name} with it,`}`;
  return {
    summary: `Let ${traffic || probe === undefined ? settingWords : `probe ${probe.name}`} ask for ${found}, which the server takes.`,
    changes,
    sideEffects: traffic
      ? [`Live requests to pool ${pool.name} carry ${found} as host and as TLS name.`]
      : [],
  };
}
