import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Evidence } from "../../finding.ts";
import { evidence, listed } from "../../statements.ts";

/** The steps of an answer that have a place in a document. */
export function evidenceOf({ steps }: NameAnswer): Evidence[] {
  return steps.flatMap(({ says, origin }) => (origin === undefined ? [] : [evidence(says, origin)]));
}

/** `, in pool shop`, for sentences about a name. */
export function useOf(servers: readonly Server[]): string {
  const pools = [...new Set(servers.map(({ pair }) => pair.pool.name))];
  return pools.length === 0 ? "" : ` (pool ${listed(pools)})`;
}
