import type { Gateway } from "../../../model/gateway.ts";
import type { Decision } from "../../cause.ts";
import { effectiveRoutesExport, needOf } from "../../exports.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal } from "../../finding.ts";
import { isReadable, missingNetwork } from "../open-paths.ts";
import { type Teacher, teacherOf } from "./learned-default.ts";
import { addRoutes } from "./route-change.ts";

export interface LearnedDefault {
  readonly gateway: Gateway;
  readonly teacher: Teacher;
}

/** What a secured hub and an on-premises router have in common: they teach a default route that hides the health. */
export function learnedDefault(
  { gateway, network, health }: Pick<Facets, "gateway" | "network" | "health">,
  isMine: (teacher: Teacher) => boolean,
): Decision<LearnedDefault>[] {
  const teacher = teacherOf(gateway, network);
  if (teacher === undefined || !isMine(teacher) || teacher.seenOtherwise) return [];
  const affects = { gateway: true } as const;
  if (teacher.seen !== undefined || health.allUnknown) {
    return [
      {
        is: "found",
        key: teacher.network.name,
        match: { gateway, teacher },
        affects,
        effect: "hides-health",
        basis: teacher.seen === undefined ? "observed-possible" : "configuration",
      },
    ];
  }
  if (isReadable(health)) return [];
  const what = `whether virtual network ${teacher.network.name} learns a default route (routes in effect at any network interface of it)`;
  return [
    { is: "undecided", needs: { what, command: effectiveRoutesExport(teacher.network.name) }, affects },
  ];
}

/** A route of one's own for every address wins over a learned one; learned routes to other prefixes stay. */
export function fixLearnedDefault({ gateway, teacher }: LearnedDefault): FixProposal | undefined {
  const subnet = gateway.subnet?.target;
  const route = { name: "default-to-internet", addressPrefix: "0.0.0.0/0", nextHopType: "Internet" };
  const added = subnet && addRoutes(subnet, [route], gateway.location ?? teacher.network.location);
  if (subnet === undefined || added === undefined) return undefined;
  return {
    summary: added.isNew
      ? `Give subnet ${subnet.name} route table ${added.table} with a route 0.0.0.0/0 → Internet.`
      : `Add a route 0.0.0.0/0 → Internet to route table ${added.table} of subnet ${subnet.name}.`,
    changes: added.changes,
    sideEffects: [
      "Traffic of the gateway to public addresses leaves directly instead of by the learned default route; learned routes to other prefixes stay.",
    ],
  };
}

/** Nobody knows what could teach a default route while the gateway's network was not exported. */
export function unknownTeacher({ gateway, health }: Pick<Facets, "gateway" | "health">): Decision<never>[] {
  const concerned = gateway.generation === "v2" && !isIsolated(gateway) && !isReadable(health);
  const missing = concerned ? missingNetwork(gateway) : undefined;
  return missing === undefined
    ? []
    : [{ is: "undecided", needs: needOf(missing), affects: { gateway: true } }];
}
