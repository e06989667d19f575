import type { Network } from "../model/model.ts";
import type { Subnet, VirtualNetwork } from "../model/network.ts";
import { parseAddress } from "./addresses.ts";
import { AzureDns, failed, resolved, unknown } from "./azure-dns.ts";
import { customServersFor } from "./dns-servers.ts";
import type { NameAnswer, NameReason } from "./names.ts";
import type { NetworkPath } from "./path.ts";
import type { GatewaySource, PathAnalyser } from "./path-analysis.ts";
import { networkOf } from "./service-tags.ts";
import type { Missing, Statement } from "./verdict.ts";

export interface ResolveOptions {
  /** A gateway with network isolation asks the network's servers for every name (network.md §3). Default false. */
  readonly networkIsolated?: boolean;
}

/**
 * Answers names as the gateway's instances would get them, from configuration alone (network.md §3). What public DNS or
 * a custom server says is not in any document, so those answers are `unknown` without anything missing: only asking
 * from inside the network settles them.
 */
export class NameResolver {
  readonly network: Network;
  readonly paths: PathAnalyser;
  private readonly azure: AzureDns;

  constructor(network: Network, paths: PathAnalyser) {
    this.network = network;
    this.paths = paths;
    this.azure = new AzureDns(network);
  }

  /** `from` is the gateway's subnet; the settings of its virtual network decide which servers are asked. */
  resolve(from: GatewaySource | undefined, asked: string, options: ResolveOptions = {}): NameAnswer {
    const name = asked.trim().toLowerCase().replace(/\.$/, "");
    if (parseAddress(name) !== undefined) return { name, steps: [], ...resolved(undefined, [name]) };
    const home = from?.target?.virtualNetwork;
    if (from?.target === undefined || home === undefined) {
      return { name, steps: [], ...unknown(undefined, undefined, [networkOf(from)]) };
    }
    const platformAnswers = customServersFor(name, home, options).length === 0;
    if (!name.includes(".")) return this.singleLabel(name, home, platformAnswers);
    return platformAnswers ? this.azure.answer(name, home.id) : this.askCustom(from, from.target, name, home);
  }

  /** A name without a dot: a machine of the same network, or whatever custom servers make of it. */
  private singleLabel(name: string, home: VirtualNetwork, platformAnswers: boolean): NameAnswer {
    const says = `${name} has no dot: it resolves only inside one network or through a suitable custom server`;
    const steps: Statement[] = [{ says, origin: undefined }];
    if (!platformAnswers) return { name, steps, ...unknown("custom-servers", "single-label") };
    const addresses = this.network.networkInterfaces
      .filter(({ virtualMachine }) => virtualMachine?.id.toLowerCase().endsWith(`/${name}`))
      .flatMap(({ ipConfigurations }) => ipConfigurations)
      .filter(({ subnet, primary }) => primary !== false && subnet?.target?.virtualNetwork === home)
      .flatMap(({ privateIpAddress }) => privateIpAddress ?? []);
    if (addresses.length > 0) {
      steps.push({ says: `a virtual machine of ${home.name} has that name`, origin: home.source });
      return { name, steps, ...resolved("azure-dns", addresses) };
    }
    const listed = ["microsoft.compute/virtualmachines", "microsoft.network/networkinterfaces"].every(
      (type) => this.network.listedTypes.has(type),
    );
    if (!listed || this.network.scaleSets.length > 0) {
      return { name, steps, ...unknown("azure-dns", "single-label", [machines(name)]) };
    }
    steps.push({ says: `no virtual machine of ${home.name} has that name`, origin: home.source });
    return { name, steps, ...failed("azure-dns", "single-label") };
  }

  /** Custom servers: nobody can see into them, but whether they can be reached and what they could know is known. */
  private askCustom(from: GatewaySource, subnet: Subnet, name: string, home: VirtualNetwork): NameAnswer {
    const servers = home.dnsServers.map((address) => ({
      address,
      path: this.paths.path({ ...from, target: subnet }, { address, port: 53, protocol: "udp" }),
    }));
    const origin = home.source.at("dhcpOptions");
    const steps: Statement[] = [{ says: `${home.name} asks ${home.dnsServers.join(", ")}`, origin }];
    if (servers.every(({ path }) => isCut(path))) {
      for (const { address, path } of servers) {
        steps.push({
          says: `DNS server ${address} cannot be reached: ${path.blocker?.says}`,
          origin: path.blocker?.origin,
        });
      }
      return { name, steps, ...failed("custom-servers", "servers-unreachable") };
    }
    if (!this.azure.isPrivate(name)) return { name, steps, ...unknown("custom-servers", undefined) };
    const reason = this.whatServersLack(name, servers, steps);
    return { name, steps, ...unknown("custom-servers", reason ?? "custom-servers-decide") };
  }

  /**
   * Servers that pass questions on to the platform get the answer of their own network. When in each of their networks
   * the zone is missing, that is the likely fault; a server that has the zone itself would still answer.
   */
  private whatServersLack(
    name: string,
    servers: readonly { readonly address: string; readonly path: NetworkPath }[],
    steps: Statement[],
  ): NameReason | undefined {
    const reasons = servers.map(({ address, path }): NameReason | undefined => {
      const { virtualNetwork } = path.destination;
      if (virtualNetwork === undefined) return undefined;
      const { reason, verdict } = this.azure.answer(name, virtualNetwork.id);
      const fact = verdict === "yes" ? "can" : reason === undefined ? "may or may not" : "cannot";
      steps.push({
        says: `DNS server ${address} stands in ${virtualNetwork.name}, where ${name} ${fact} be answered from a private zone`,
        origin: virtualNetwork.source,
      });
      return reason;
    });
    const [first] = reasons;
    return reasons.every((reason) => reason === first) ? first : undefined;
  }
}

/** Whether nothing gets through: a rule that denies part of the gateway subnet cuts off some instances only. */
function isCut(path: NetworkPath): boolean {
  return path.hops.some(
    (hop) => hop.verdict === "no" && !(hop.kind === "security-group" && hop.partlyAllowedBy.length > 0),
  );
}

function machines(name: string): Missing {
  return {
    what: `whether a virtual machine is named ${name}`,
    type: "microsoft.compute/virtualmachines",
    resourceId: undefined,
  };
}
