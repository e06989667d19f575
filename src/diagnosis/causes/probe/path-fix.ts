import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { FixProposal } from "../../finding.ts";
import { changeProbe } from "./probe-change.ts";

/** Another path for a probe, where the documents know one; otherwise what to look for. */
export function fixPath(
  gateway: Gateway,
  probe: Probe,
  settings: readonly BackendSetting[],
  path: string | undefined,
  wanted: string,
): FixProposal {
  if (path === undefined || path === (probe.path ?? "/")) {
    return {
      summary: `Let probe ${probe.name} ask for ${wanted}.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Set the path of probe ${probe.name} to ${path}, the health check path of the site itself.`,
    changes: changeProbe(gateway, probe, settings, { path }),
    sideEffects: [],
  };
}
