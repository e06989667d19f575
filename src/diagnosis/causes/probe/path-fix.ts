import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { FixProposal } from "../../finding.ts";
import { changeProbe } from "./probe-change.ts";

/** What is known of a path that would do. */
interface Known {
  /** The site's own health check. */
  readonly documented: string | undefined;
  /** One that was answered well when it was tried. */
  readonly seen: string | undefined;
}

/** Another path for a probe, where one is known; otherwise what to look for. */
export function fixPath(
  gateway: Gateway,
  probe: Probe,
  settings: readonly BackendSetting[],
  { documented, seen }: Known,
  wanted: string,
): FixProposal {
  const path = seen ?? documented;
  if (path === undefined || path === (probe.path ?? "/")) {
    return {
      summary: `Let probe ${probe.name} ask for ${wanted}.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Set the path of probe ${probe.name} to ${path}, ${seen === undefined ? "the health check path of the site itself" : "which is answered well"}.`,
    changes: changeProbe(gateway, probe, settings, { path }),
    sideEffects: [],
  };
}
