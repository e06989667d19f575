import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { TrustStore } from "../../health/certificates/trust-store.ts";
import { judgeProbeChain, type ProbeTrust } from "../../health/probe-chain.ts";
import type { ProbeVerdictKind } from "../../health/probe-verdict.ts";
import type { Generation } from "../../model/gateway.ts";
import { type JudgedProbe, sendAndJudge } from "../../probe/judged-probe.ts";
import type { PlannedProbe } from "../../probe/probe-list.ts";
import { realMeans } from "../../probe/real-means.ts";
import type { ProbeMeans } from "../../probe/send-exchange.ts";
import type { SystemLookup } from "../../probe/system-lookup.ts";
import type { Pair, Server } from "../../routing/routes.ts";
import type { PreparedGateway } from "../config/prepared.ts";
import { causeOfProbe } from "../explain/cause-of-probe.ts";
import type { DocumentedCause, SilentPhase } from "../explain/documented-cause.ts";

export interface ProbeSendingOptions {
  readonly prepared: Pick<PreparedGateway, "places" | "names">;
  readonly systemLookup: SystemLookup;
  readonly userAgent: string;
  readonly wellKnownRoots: () => TrustStore;
  /** The server is a service of Azure's own, known by its name. */
  readonly isAzureService: (server: Server) => boolean;
  readonly documented: DocumentedCause;
}

/** How the probes of one configuration are sent, judged, and what their failures mean. */
export interface ProbeSending {
  readonly send: (probe: PlannedProbe, signal: AbortSignal) => Promise<JudgedProbe>;
  readonly causeOf: (
    probe: PlannedProbe,
    result: JudgedProbe & { readonly sent: true },
  ) => CauseId | undefined;
  /** For anything else that is sent to servers of a pair. */
  readonly meansFor: (pair: Pair, signal: AbortSignal) => ProbeMeans;
}

export function probeSendingOf(options: ProbeSendingOptions): ProbeSending {
  const trustOf = ({ server, generation }: { server: Server; generation: Generation }): ProbeTrust => ({
    generation,
    setting: server.pair.setting,
    wellKnownRoots: options.wellKnownRoots(),
    azureService: options.isAzureService(server),
  });
  return {
    send: (probe, signal) =>
      sendAndJudge(probe, { fromAddress: undefined, trustOf }, meansFor(probe.server.pair, options, signal)),
    meansFor: (pair, signal) => meansFor(pair, options, signal),
    causeOf: (probe, { observation, verdict }) => {
      const chain = verdict.kind === "certificate" ? judgeProbeChain(observation, trustOf(probe)) : undefined;
      return (
        documentedFor(probe.server, verdict.kind, options) ??
        causeOfProbe({ probe, observation, verdict, chain })
      );
    },
  };
}

function documentedFor(
  { pair, address }: Server,
  kind: ProbeVerdictKind,
  { documented }: ProbeSendingOptions,
): CauseId | undefined {
  const phase = silentKinds[kind];
  return phase === undefined || address === undefined
    ? undefined
    : documented({ pairId: pair.id, address }, phase);
}

const silentKinds: Readonly<Partial<Record<ProbeVerdictKind, SilentPhase>>> = {
  "name-unaskable": "name",
  "name-not-found": "name",
  "name-without-address": "name",
  "name-unanswered": "name",
  "tcp-timed-out": "way",
  "tcp-unreachable": "way",
};

/** Names that the call gives addresses for are not asked for; members that it maps go where it says. */
function meansFor(pair: Pair, options: ProbeSendingOptions, signal: AbortSignal): ProbeMeans {
  const { places, names } = options.prepared;
  const knownOf = (name: string) => names.known.get(name.toLowerCase().replace(/\.$/, ""));
  const means = realMeans({
    dnsServersFor: (name) => (knownOf(name) === undefined ? names.dnsServers : []),
    systemLookup: async (name) => {
      const addresses = knownOf(name);
      return addresses === undefined ? options.systemLookup(name) : { addresses };
    },
    fromAddress: undefined,
    userAgent: options.userAgent,
    signal,
  });
  const lookup = (address: string, port: number) => {
    const own = pair.servers.find((server) => server.address?.toLowerCase() === address.toLowerCase());
    return own && places.placeOf(own, port);
  };
  return { ...means, mapping: { lookup } };
}
