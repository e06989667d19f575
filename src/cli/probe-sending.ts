import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { hostsOf } from "../diagnosis/facets/hosts.ts";
import { isIsolated } from "../diagnosis/facets/reach.ts";
import { servicesOf } from "../diagnosis/facets/services.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Model } from "../model/model.ts";
import { askableServersFor, isInside } from "../network/dns-servers.ts";
import type { JudgingOptions } from "../probe/judged-probe.ts";
import type { ProbeList } from "../probe/probe-list.ts";
import { realMeans } from "../probe/real-means.ts";
import type { ProbeMeans } from "../probe/send-exchange.ts";
import { wellKnownRoots } from "../probe/well-known-roots.ts";
import type { DnsAddress } from "./dns-address.ts";
import type { Io } from "./io.ts";
import type { Progress } from "./progress.ts";
import type { Sending } from "./sending-options.ts";
import { version } from "./version.ts";

/** What is to be probed of one gateway. */
export interface GatewayList {
  readonly gateway: Gateway;
  readonly list: ProbeList;
}

/** One call of `causeway probe`. */
export interface ProbeRun {
  readonly model: Model;
  readonly sending: Sending;
  readonly progress: Progress;
}

/** How the probes of one gateway are sent and judged. */
export interface ProbeSending {
  readonly judging: JudgingOptions;
  readonly meansUntil: (signal: AbortSignal) => ProbeMeans;
}

export function probeSendingFor(gateway: Gateway, run: ProbeRun, io: Io): ProbeSending {
  const { model, sending } = run;
  const { fromAddress } = sending;
  const services = servicesOf(model.network, hostsOf(model.network, model.gateways));
  return {
    judging: {
      fromAddress,
      trustOf: ({ server, generation }) => ({
        generation,
        setting: server.pair.setting,
        wellKnownRoots: wellKnownRoots(),
        azureService: services.of(server) !== undefined,
      }),
    },
    meansUntil: (signal) => sendingMeans(gateway, sending, io, signal),
  };
}

/** How a call sends to the servers of one gateway. */
export function sendingMeans(
  gateway: Gateway,
  { dnsServers, comparisonServers, fromAddress, mapping }: Sending,
  io: Io,
  signal: AbortSignal,
): ProbeMeans {
  return realMeans({
    dnsServersFor: (name) => (dnsServers.length > 0 ? dnsServers : ownServers(gateway, name, fromAddress)),
    comparisonServers,
    systemLookup: io.systemLookup,
    fromAddress,
    userAgent: `causeway/${version()}`,
    mapping,
    signal,
  });
}

/** Those of the gateway's virtual network, as far as this machine can ask them. */
function ownServers(gateway: Gateway, name: string, fromAddress: string | undefined): DnsAddress[] {
  const home = gateway.subnet?.target?.virtualNetwork;
  if (home === undefined) return [];
  const servers = askableServersFor(name.toLowerCase(), home, {
    networkIsolated: isIsolated(gateway),
    insideHome: isInside(home, fromAddress === undefined ? ownAddresses() : [fromAddress]),
  });
  return servers.filter((address) => isIP(address) !== 0).map((address) => ({ address, port: 53 }));
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address));
}
