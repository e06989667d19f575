import { formatRange } from "./addresses.ts";
import { type ApplianceJudgement, judgeAppliance } from "./appliances.ts";
import { routeStep, type Step, symmetryHop, trafficLabel } from "./hops.ts";
import type { Hop, NetworkPath, RouteHop } from "./path.ts";
import type { Composition, FlowContext, PathFacts } from "./path-facts.ts";
import { peeringSteps } from "./peering-steps.ts";
import { returnRoute } from "./return-route.ts";
import { effectOf } from "./routes.ts";
import { outboundSteps, publicServerSteps, serverSteps } from "./security-steps.ts";
import type { Missing, Verdict } from "./verdict.ts";

/** Puts the hops of a path together from its facts (network.md §1.6, §2.5). */
export function composePath(flow: FlowContext, facts: PathFacts): Omit<NetworkPath, "destination"> {
  const { from, protocol, port } = flow.traffic;
  const destination = formatRange(facts.range);
  const label = trafficLabel(protocol, from.addressPrefixes, destination, port);
  const composition: Composition = { ...facts, flow, destination, label };

  const outbound = outboundSteps(composition);
  const forward = routeStep("forward", from, `subnet ${from.name}`, facts.forward, destination);
  const appliance = forwardAppliance(composition);
  const server = facts.server === undefined ? publicServerSteps(composition) : serverSteps(composition);
  const back = returnSteps(composition, forward.hop, appliance);
  const peerings = peeringSteps(composition, appliance, [...outbound, ...server]);

  const steps: Step<Hop>[] = [
    ...peerings,
    ...outbound,
    forward,
    ...(appliance === undefined ? [] : [appliance]),
    ...server,
    ...back,
  ];
  return summary(steps);
}

/** The path of several hops: any no decides, then any unknown. */
export function summary(steps: readonly Step<Hop>[]): Omit<NetworkPath, "destination"> {
  const hops = steps.map(({ hop }) => hop);
  const blocker = hops.find(({ verdict }) => verdict === "no");
  const isOpen = hops.some(({ verdict }) => verdict === "unknown");
  const verdict: Verdict = blocker !== undefined ? "no" : isOpen ? "unknown" : "yes";
  const missing = verdict === "unknown" ? withoutRepeats(steps.flatMap((step) => step.missing)) : [];
  return { verdict, hops, blocker, missing };
}

function withoutRepeats(missing: readonly Missing[]): Missing[] {
  return [...new Map(missing.map((item) => [`${item.type} ${item.resourceId} ${item.what}`, item])).values()];
}

function forwardAppliance({ flow, forward, range, label }: Composition): ApplianceJudgement | undefined {
  if (!effectOf(forward.nextHopType, forward.nextHopIpAddress).startsWith("appliance")) return undefined;
  const { protocol, port, source } = flow.traffic;
  const { network, owners } = flow.view;
  const traffic = { protocol, port, source, destination: range, label };
  return judgeAppliance(
    forward.nextHopIpAddress ?? "",
    "forward",
    traffic,
    flow.surroundings,
    owners,
    network,
  );
}

/** The way of the reply, where there is one to judge: a public server answers over the Internet. */
function returnSteps(
  composition: Composition,
  forward: RouteHop,
  appliance: ApplianceJudgement | undefined,
): Step<Hop>[] {
  const { end, server, flow, range, label } = composition;
  if (end.area.place === "public" && server === undefined) return [];
  const back = returnRoute(composition);
  const steps: Step<Hop>[] = [back];
  const sameAppliance = appliance !== undefined && appliance.hop.address === back.hop.nextHopIpAddress;
  const { subnet } = end.area;
  if (back.hop.nextHopIpAddress !== undefined && subnet !== undefined && !sameAppliance) {
    const { protocol, port, source } = flow.traffic;
    const { owners, network } = flow.view;
    const traffic = { protocol, port, source, destination: range, label: `replies to ${label}` };
    const around = flow.view.surroundingsOf(subnet);
    steps.push(judgeAppliance(back.hop.nextHopIpAddress, "return", traffic, around, owners, network));
  }
  if (isJudged(forward) && isJudged(back.hop)) {
    const hop = symmetryHop(forward, back.hop, end.isEndpoint);
    const isCertain = !forward.learnedRoutesPossible && !back.hop.learnedRoutesPossible;
    steps.push({
      hop: isCertain || hop.verdict !== "no" ? hop : { ...hop, verdict: "unknown" },
      missing: [],
    });
  }
  return steps;
}

/** Whether it is known where a route leads; one that drops packets has said so itself. */
function isJudged(route: RouteHop): boolean {
  return route.chosenFrom !== "unknown" && route.verdict !== "no";
}
