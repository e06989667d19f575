import type { Cause, DecidedBy } from "../../diagnosis/cause.ts";
import { type CauseId, causeSections } from "../../diagnosis/cause-ids.ts";
import { causes } from "../../diagnosis/causes/all.ts";
import { type Export, facetExports } from "./facet-exports.ts";

/** One entry of the catalogue as people read it. */
export interface Entry {
  readonly id: CauseId;
  /** Letter and title of its section. */
  readonly section: string;
  readonly sectionTitle: string;
  /** Undefined while the cause has no file. */
  readonly cause: Cause | undefined;
  readonly title: string;
}

/** The whole catalogue, in its order. */
export function catalogue(): Entry[] {
  const byId = new Map(causes.map((cause) => [cause.id, cause]));
  return causeSections.flatMap(({ section, title: sectionTitle, ids }) =>
    ids.map((id): Entry => {
      const cause = byId.get(id);
      return { id, section, sectionTitle, cause, title: cause?.title ?? id };
    }),
  );
}

const ways: Readonly<Record<DecidedBy, string>> = {
  configuration: "configuration",
  health: "health message",
  log: "access log",
  activity: "activity log",
  live: "only live",
};

/** `configuration, health message` */
export function decidedBy({ cause }: Entry): string {
  if (cause === undefined) return "not checked yet";
  if (cause.reportedAs !== undefined) return `reported as ${cause.reportedAs.join(", ")}`;
  return cause.decidedBy.map((way) => ways[way]).join(", ");
}

/** What to export so that it can be decided, without repeats. */
export function exportsFor({ cause }: Entry): Export[] {
  return [...new Set((cause?.reads ?? []).flatMap((facet) => facetExports[facet]))];
}
