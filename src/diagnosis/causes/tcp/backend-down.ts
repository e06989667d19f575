import { parseResourceId, type Resource } from "../../../model/resource.ts";
import type { Server } from "../../../routing/routes.ts";
import { defineCause, type Found, type Undecided } from "../../cause.ts";
import { isReached } from "../../experiment.ts";
import { exportCommand } from "../../exports.ts";
import type { AddressOwner, Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, listed, serverNames, subject } from "../../statements.ts";
import { fixOfSilent, type Silent, saysSilent, silentOnes } from "./answers-nowhere.ts";

/** A machine, a scale-set instance or a site that is switched off. */
interface Down {
  readonly kind: "virtualMachine" | "virtualMachineScaleSetInstance" | "site";
  readonly object: Resource;
  readonly state: string;
}

/** Those that stand behind the same pairs and are off in the same way: one fault, one finding. */
interface Off {
  readonly kind: Down["kind"];
  readonly objects: readonly Resource[];
  readonly state: string;
  readonly servers: readonly Server[];
}

type Match = Off | Silent;

type Reads = Pick<Facets, "wiring" | "hosts" | "names" | "services" | "health" | "network" | "reach">;

export default defineCause({
  id: "backend-down",
  title: "Machine behind the address is switched off",
  layer: "tcp",
  decidedBy: ["configuration", "live"],
  reads: ["wiring", "hosts", "names", "services", "health", "network", "reach", "live"],
  explainedBy: ["dns-stale-address", "pool-stale-address", "pool-wrong-address"],
  about: `The virtual machine, the scale-set instance or the App Service site that has the server's address is stopped or
deallocated. A machine that is off answers nothing, so that probes time out or cannot connect; a stopped site answers 403.
Live, silence from the gateway's subnet agrees with it, and whoever refuses a connection is not switched off. Where
documents do not say that it is off, silence at every port, with an open network, makes it *possible* that the machine
hangs; one whose own firewall drops everything is alike. The power state stands in \`az vm show --show-details\`, \`az vmss get-instance-view\` and \`az webapp show\`.`,
  find: (facets) => {
    const down = new Map<string, Down & { servers: Server[] }>();
    const unknown = new Map<string, Server[]>();
    for (const server of facets.wiring.pairs.flatMap((pair) => pair.servers)) {
      if (facets.health.of(server)?.observation.health === "healthy") continue;
      const state = stateOf(facets, server);
      if (state === undefined || isAlive(facets, server, state)) continue;
      if (typeof state === "string") {
        const waiting = unknown.get(state);
        if (waiting === undefined) unknown.set(state, [server]);
        else waiting.push(server);
        continue;
      }
      const known = down.get(state.object.id) ?? { ...state, servers: [] };
      known.servers.push(server);
      down.set(state.object.id, known);
    }
    const off = new Set([...down.values()].flatMap(({ servers }) => servers));
    return [
      ...together([...down.values()]).map(decision),
      ...silentOnes(facets, off),
      ...powerStatesWanted(unknown),
      ...ownersWanted(facets),
    ];
  },
  say: (match): Statement => (match.kind === "silent" ? saysSilent(match) : saysOff(match)),
  fix: (match): FixProposal => (match.kind === "silent" ? fixOfSilent(match) : startOf(match)),
});

function saysOff({ kind, objects, state, servers }: Off): Statement {
  return {
    summary: `${nounOf(kind, objects.length)} ${listed(objects.map(({ name }) => name))} ${
      objects.length === 1 ? "is" : "are"
    } ${state}, so ${serverNames(servers)} cannot answer`,
    subjects: objects.map((object) => subject(kind, object)),
    evidence: objects.map((object) =>
      evidence(
        `${object.name} is ${state}`,
        object.source.at(kind === "site" ? "state" : stateField(object)),
      ),
    ),
  };
}

function startOf({ kind, objects }: Off): FixProposal {
  return {
    summary: `Start ${listed(objects.map(({ name }) => name))}.`,
    changes: objects.map((object) => ({
      action: "operate",
      resourceId: object.id,
      operation: "start",
      becomes: [
        kind === "site" ? { path: "state", value: "Running" } : { path: "powerState", value: "VM running" },
      ],
    })),
    sideEffects: [
      `What is started is billed again; somebody may have stopped ${listed(objects.map(({ name }) => name))} on purpose.`,
    ],
  };
}

function nounOf(kind: Down["kind"], count: number): string {
  const noun = kind === "site" ? "App Service" : kind === "virtualMachine" ? "Machine" : "Instance";
  return count === 1 ? noun : `${noun}s`;
}

function together(down: readonly (Down & { readonly servers: readonly Server[] })[]): Off[] {
  const behind = groupedBy(down, ({ kind, state, servers }) =>
    [kind, state, ...new Set(servers.map(({ pair }) => pair.id))].join(" "),
  );
  return behind.flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const { kind, state } = first;
    const objects = group.map(({ object }) => object);
    return [{ kind, state, objects, servers: group.flatMap(({ servers }) => servers) }];
  });
}

function decision(match: Off): Found<Match> {
  const { kind, objects, servers } = match;
  return {
    is: "found",
    key: objects.map(({ name }) => name).join("+"),
    match,
    affects: { servers },
    effect: "stops",
    basis: "configuration",
    // A stopped site answers 403: the connection is in order.
    ...(kind === "site" ? { showsAt: "http" } : {}),
  };
}

/** What is off; the id of a machine whose power state is not known; undefined when nothing is amiss. */
function stateOf(facets: Reads, server: Server): Down | string | undefined {
  const service = facets.services.of(server);
  if (service?.kind === "app-service" && service.site !== undefined) {
    const { site } = service;
    return /^stopped$/i.test(site.state ?? "") ? { kind: "site", object: site, state: "stopped" } : undefined;
  }
  const [first, ...others] = ownersOf(facets, server).map(powerOf);
  if (first === undefined) return undefined;
  if (typeof first === "string") return waits(facets, server) ? first : undefined;
  return others.every((other) => other !== undefined && typeof other !== "string") ? first : undefined;
}

/** A machine that is off refuses nothing: the document is older. */
function isAlive({ health }: Reads, server: Server, state: Down | string): boolean {
  const live = health.of(server)?.live;
  return typeof state !== "string" && state.kind !== "site" && isReached(live?.observation.tcp);
}

function ownersOf({ hosts, names }: Reads, server: Server): readonly AddressOwner[] {
  if (server.member.kind !== "fqdn") return hosts.of(server);
  return (names.of(server)?.addresses ?? []).flatMap((address) => hosts.ownersOf(address));
}

function powerOf(owner: AddressOwner): Down | string | undefined {
  if (owner.kind === "ipConfiguration") {
    const { machine, networkInterface } = owner;
    if (machine === undefined || machine.powerState === "unknown") {
      return machine?.id ?? networkInterface.virtualMachine?.id;
    }
    return isOff(machine.powerState)
      ? { kind: "virtualMachine", object: machine, state: machine.powerState }
      : undefined;
  }
  if (owner.kind !== "scaleSetInstance") return undefined;
  const { instance } = owner;
  if (instance === undefined || !isOff(instance.powerState)) return undefined;
  return { kind: "virtualMachineScaleSetInstance", object: instance, state: instance.powerState };
}

function isOff(state: string): boolean {
  return state === "stopped" || state === "deallocated";
}

/** Only a server that gives no sign of life can be one that is switched off. */
function waits({ health }: Reads, server: Server): boolean {
  const entry = health.of(server);
  if (entry === undefined) return true;
  const { phase } = entry.message;
  return entry.observation.health === "unhealthy" && (phase === "tcp" || phase === "timeout");
}

const interfaceType = "microsoft.network/networkinterfaces";

/** Pools with private addresses of which no interface was exported: a machine that is off may be behind any of them. */
function ownersWanted(facets: Reads): Undecided[] {
  if (facets.network.listedTypes.has(interfaceType)) return [];
  const pairs = facets.wiring.pairs.filter(({ servers }) =>
    servers.some(
      (server) =>
        server.member.kind !== "fqdn" &&
        facets.reach.of(server)?.destination.place !== "public" &&
        facets.hosts.of(server).length === 0 &&
        waits(facets, server),
    ),
  );
  if (pairs.length === 0) return [];
  const pools = listed([...new Set(pairs.map(({ pool }) => pool.name))]);
  const what = `which machines have the addresses in pool ${pools}, and whether they are running`;
  return [{ is: "undecided", needs: { what, command: exportCommand(interfaceType) }, affects: { pairs } }];
}

const machineType = "microsoft.compute/virtualmachines";

function powerStatesWanted(unknown: ReadonlyMap<string, readonly Server[]>): Undecided[] {
  const ids = [...unknown.keys()];
  const affects = { servers: [...unknown.values()].flat() };
  if (ids.length > 3) {
    const needs = { what: "whether the machines are running", command: exportCommand(machineType) };
    return [{ is: "undecided", needs, affects }];
  }
  return ids.map((id) => ({
    is: "undecided",
    needs: {
      what: `whether machine ${parseResourceId(id).names.at(-1) ?? id} is running`,
      command: exportCommand(machineType, id),
    },
    affects: { servers: unknown.get(id) ?? [] },
  }));
}

function stateField({ source }: Resource): string {
  return source.peek("powerState") === undefined ? "instanceView" : "powerState";
}
