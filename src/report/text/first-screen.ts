import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Traffic } from "../../diagnosis/facets.ts";
import type { Finding } from "../../diagnosis/finding.ts";
import type { Live } from "../../diagnosis/live-evidence.ts";
import type { RouteVerdict } from "../../diagnosis/verdict.ts";
import { isLiveOnly } from "../content/causes.ts";
import { headline, unexplained } from "../content/routes.ts";
import { abridged, counted } from "../content/wording.ts";
import type { Page } from "./page.ts";
import type { Tone } from "./style.ts";

const mostSeenLive = 3;

/** Roots told on the first screen; the others follow below all the same. */
const mostRoots = 8;

/** Which gateway, how many routes fail, why, what to do. */
export function writeFirstScreen(page: Page, diagnosis: Diagnosis): void {
  const { gateway, routes, findings } = diagnosis;
  const roots = findings.filter(({ role }) => role === "root");
  page.write(`${gateway.name} ${page.signs.dot} Application Gateway ${gateway.sku.name}`, {
    tone: "heading",
  });
  page.write(headline(routes), headlineStyle(page, diagnosis));
  if (roots.length > 0) {
    page.gap();
    page.write("Why, and what to do", { tone: "heading" });
    roots.slice(0, mostRoots).forEach((root, index) => {
      writeRoot(page, root, index + 1);
    });
    if (roots.length > mostRoots)
      page.write(`and ${counted(roots.length - mostRoots, "more root cause")} below`);
  }
  writeUnexplained(page, diagnosis);
  if (roots.length === 0) writeNoRoot(page, diagnosis);
}

/** How the one line on a gateway is marked: in trouble, fine, or not known. */
export function headlineStyle(
  page: Page,
  { routes, findings }: Diagnosis,
): { lead: string; leadTone: Tone; tone: Tone } {
  const troubled = routes.some(({ outcome }) => outcome === "fails" || outcome === "degraded");
  const root = findings.some(({ role }) => role === "root");
  if (troubled || root) return { lead: `${page.signs.bad} `, leadTone: "bad", tone: "bad" };
  const ok = routes.length > 0 && routes.every(({ outcome }) => outcome === "ok");
  return ok
    ? { lead: `${page.signs.good} `, leadTone: "good", tone: "good" }
    : { lead: `${page.signs.unsure} `, leadTone: "unsure", tone: "plain" };
}

function writeRoot(page: Page, { summary, fix }: Finding, number: number): void {
  const lead = `${String(number).padStart(2)}. `;
  page.write(summary, { lead, leadTone: "heading" });
  if (fix === undefined) return;
  const state = fix.verified ? "verified" : "not verified";
  page.write(`${fix.summary} (${state})`, {
    indent: lead.length,
    lead: `${page.signs.arrow} `,
    leadTone: fix.verified ? "good" : "unsure",
  });
}

/** Routes that fail while nothing found explains it: said plainly, with the portal's own words where there are some. */
function writeUnexplained(page: Page, { routes, facets }: Diagnosis): void {
  const open = unexplained(routes);
  if (open.length === 0) return;
  page.gap();
  const ids = abridged(
    open.map(({ route }) => route.id),
    3,
  );
  const [one, several] = open.some(({ outcome }) => outcome === "fails")
    ? ["fails", "fail"]
    : ["loses requests", "lose requests"];
  page.write(`Nothing among the documents explains why ${ids} ${open.length === 1 ? one : several}.`, {
    lead: `${page.signs.unsure} `,
    leadTone: "unsure",
  });
  const messages = open.flatMap(({ servers }) =>
    servers.flatMap(({ server }) => facets.health.of(server)?.observation.log ?? []),
  );
  const [message] = messages.filter((text) => text !== "");
  if (message !== undefined) page.write(`Azure says: ${message}`, { indent: 2 });
  const seen = seenInLog(open, facets.traffic);
  if (seen !== undefined) page.write(`The access log says: ${seen}`, { indent: 2 });
  for (const says of seenLive(open, facets.live).slice(0, mostSeenLive)) {
    page.write(`Sent from here: ${says}`, { indent: 2 });
  }
}

/** What came of the probes and requests of these routes that were really sent, where they failed. */
function seenLive(routes: readonly RouteVerdict[], live: Live): readonly string[] {
  const wanted = new Set(routes.map(({ route }) => route));
  const failing = live.failing.filter((one) =>
    "route" in one ? wanted.has(one.route) : one.server.pair.routes.some((route) => wanted.has(route)),
  );
  return [...new Set(failing.map(({ plan, says }) => `${plan.purpose}: ${says}`))];
}

/** `150 of 151 requests failed, most of them with ERRORINFO_UPSTREAM_NO_LIVE` */
function seenInLog(routes: readonly RouteVerdict[], traffic: Traffic): string | undefined {
  const observations = [...new Set(routes.flatMap(({ route }) => traffic.ofRoute(route)))];
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const failed = sum(observations.map((one) => one.failed));
  if (failed === 0) return undefined;
  const byError = new Map<string, number>();
  for (const [error, rows] of observations.flatMap(({ errorInfos }) => [...errorInfos])) {
    if (error.startsWith("UPSTREAM_")) byError.set(error, (byError.get(error) ?? 0) + rows);
  }
  const [most] = [...byError].sort(([, a], [, b]) => b - a);
  const error = most === undefined || most[1] * 2 <= failed ? "" : `, most of them with ERRORINFO_${most[0]}`;
  return `${failed} of ${counted(sum(observations.map((one) => one.rows)), "request")} failed${error}.`;
}

function writeNoRoot(page: Page, { checks, findings, routes }: Diagnosis): void {
  const open = checks.filter(({ status, cause }) => status === "undecided" && !isLiveOnly(cause)).length;
  const live = checks.filter(({ cause }) => isLiveOnly(cause)).length;
  const ruledOut = checks.filter(({ status }) => status === "ruled-out").length;
  const risks = findings.filter(({ role }) => role === "risk").length;
  const explained = unexplained(routes).length === 0;
  page.gap();
  page.write(
    `${explained ? "No root cause found: " : ""}${counted(ruledOut, "cause")} ruled out${
      open > 0 ? `, ${open} not decidable from these documents` : ""
    }${live > 0 ? `, ${live} that only probing can tell` : ""}${risks > 0 ? `, ${counted(risks, "risk")}` : ""}.`,
  );
}
