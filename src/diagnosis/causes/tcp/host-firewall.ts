import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Undecided } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import { exportCommand, needOf } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Need, Statement } from "../../finding.ts";
import type { Failing, Live } from "../../live-evidence.ts";
import { evidence, groupedBy, poolSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { configuredPorts, onPort } from "../config/other-ports.ts";
import { connectionCauses } from "../families.ts";
import { effectSeen, serversAmong } from "../helped.ts";
import { type Connect, connectEvidence, connectsTo, isAnswered, isSilentToProbe } from "./connects.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  readonly servers: readonly Server[];
  readonly silent: readonly Connect[];
  /** Another port of the same server, at which somebody was reached. */
  readonly reached: Connect;
  /** Prefixes of the gateway subnet, for the rule. */
  readonly from: readonly string[];
}

type Reads = Pick<Facets, "gateway" | "live" | "reach" | "wiring">;

export default defineCause({
  id: "host-firewall",
  title: "Firewall of the server's operating system drops the gateway",
  layer: "tcp",
  decidedBy: ["live"],
  reads: ["gateway", "live", "reach", "wiring"],
  explainedBy: [
    ...connectionCauses,
    "backend-accept-full",
    "port-wrong",
    "probe-port",
    "rule-wrong-target",
    "vwan-secured-hub",
    "route-bgp-default",
  ],
  about: `Every security group and route lets the gateway through, but Windows Firewall, iptables or an agent on the
machine drops what comes from the gateway subnet. No exported document shows these rules: silence on the port (no
refusal), again and again, while another port of the same server answers or refuses is what proves it, seen from the
gateway's subnet; from elsewhere the silence may be another device's. Allow the prefix of the gateway subnet in the
system's firewall.`,
  find: (facets) => {
    const silent = facets.live.failing.filter(({ kind }) => kind === "tcp-timed-out");
    const alike = groupedBy(silent, ({ server, plan }) => `${server.pair.id}/${plan.port}`);
    return alike.flatMap(([key, failing]) => decided(key, failing, facets));
  },
  trials: (facets, failing) => (opens(facets, failing) ? otherPorts(facets, failing) : []),
  say: ({ pair, port, silent, reached }, affects): Statement => ({
    summary: `${serverNames(serversOf(affects))} of pool ${pair.pool.name} drop${serversOf(affects).length === 1 ? "s" : ""} what comes to port ${port}, although groups and routes let it through and port ${reached.port} ${reached.end === "refused" ? "refuses" : "answers"}`,
    subjects: [poolSubject(pair.pool)],
    evidence: [
      evidence(
        `by configuration nothing between the gateway and ${serverNames(serversOf(affects))} stops it`,
        pair.setting.source.at("port"),
      ),
      ...silent.slice(0, 2).map(connectEvidence),
      connectEvidence(reached),
    ],
  }),
  fix: ({ port, from }, affects): FixProposal => ({
    summary: `Allow TCP port ${port} from ${from.length === 0 ? "the gateway subnet" : from.join(", ")} in the firewall of the operating system of ${serverNames(serversOf(affects))}.`,
    changes: [],
    sideEffects: [],
  }),
});

function decided(key: string, failing: readonly Failing[], facets: Reads): Decision<Match>[] {
  const { gateway, live } = facets;
  const open: Undecided[] = [];
  const certain: { one: Failing; silent: readonly Connect[]; reached: Connect }[] = [];
  for (const one of failing) {
    const need = missingFor(one, facets);
    if (need === "blocked") continue;
    const shown = need === undefined ? dropped(live, one) : undefined;
    if (shown !== undefined) certain.push({ one, ...shown });
    else open.push({ is: "undecided", needs: need ?? askFurther, affects: { servers: [one.server] } });
  }
  const [first] = certain;
  if (first === undefined) return open;
  const { server, plan } = first.one;
  const members = certain.map(({ one }) => one);
  const servers = serversAmong(members);
  const from = gateway.subnet?.target?.addressPrefixes ?? [];
  const { silent, reached } = first;
  return [
    {
      is: "found",
      key,
      match: { pair: server.pair, port: plan.port, servers, silent, reached, from },
      affects: { servers },
      effect: effectSeen(members),
      basis: "observed-likely",
    },
    ...open.filter(({ affects }) => !servers.some((one) => affects.servers?.includes(one))),
  ];
}

const askFurther: Need = {
  what: "whether another port of the server answers while this one stays silent",
  command: "probe live from the gateway's network, with experiments",
};

const askFromSubnet: Need = {
  what: "what the server says to the gateway's own subnet: silence elsewhere may come from other devices on the way",
  command: "probe live from a machine in the gateway's subnet",
};

/** What keeps it from being decided; `blocked` = the configuration explains the silence. */
function missingFor({ server, plan, vantage }: Failing, { reach }: Reads): Need | "blocked" | undefined {
  const path = plan.purpose === "probe" ? reach.of(server) : reach.atRequestPort(server);
  if (path?.verdict === "no") return "blocked";
  if (path?.verdict === "yes") return vantage === "gateway" ? undefined : askFromSubnet;
  const [missing] = path?.missing ?? [];
  if (missing !== undefined) return needOf(missing);
  const type = "microsoft.network/virtualnetworks";
  return { what: "whether the network lets the gateway through", command: exportCommand(type) };
}

function opens(facets: Reads, failing: Failing): boolean {
  const { kind } = failing;
  return (
    kind === "tcp-timed-out" &&
    !isSilentToProbe(facets.live, failing) &&
    missingFor(failing, facets) === undefined
  );
}

/** Silence every time at this port, asked again too, and somebody at another: as seen from the gateway's subnet. */
function dropped(
  live: Live,
  { server, plan, observation }: Failing,
): Pick<Match, "silent" | "reached"> | undefined {
  const address = observation.tcp?.address;
  const connects = connectsTo(live, server).filter((connect) => connect.address === address);
  const here = connects.filter(({ port }) => port === plan.port);
  const silent = here.filter(({ end }) => end === "silent");
  const again = silent.some(({ observation: { sent } }) => sent.manner.attempt > 0);
  const reached = connects.find((connect) => connect.port !== plan.port && isAnswered(connect));
  if (!again || here.some(isAnswered) || reached === undefined) return undefined;
  return { silent, reached };
}

const mostTrials = 6;

/** Ports at which a server often listens; whoever refuses there was reached as well. */
const usualPorts = [443, 80, 8080, 8443];
/** For administration: nothing the gateway ever asks, hence not without permission. */
const administrative = [22, 3389];

function otherPorts(facets: Pick<Facets, "wiring">, failing: Failing): Trial[] {
  const { near, far } = configuredPorts(facets, failing);
  const safe = [...new Set([...near, ...usualPorts, ...far])].filter((port) => port !== failing.plan.port);
  const trials = safe.map((port) => onPort(failing, port, { proof: "reached", risk: "safe" }));
  const others = administrative.map((port) => onPort(failing, port, { proof: "reached", risk: "all" }));
  return [...trials.slice(0, mostTrials - others.length), ...others];
}
