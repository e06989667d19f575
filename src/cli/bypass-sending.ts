import { type BypassTry, gatewayTry, serverTry } from "../health/bypass-verdict.ts";
import { certificateFaultSays } from "../health/certificates/fault-words.ts";
import { judgeChain } from "../health/certificates/judge.ts";
import { planExchange } from "../health/live-request.ts";
import { judgeProbeChain } from "../health/probe-chain.ts";
import { nameOnly } from "../health/probe-plan.ts";
import { verdictOfRequest } from "../health/request-verdict.ts";
import type { Switches } from "../health/switches.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Model } from "../model/model.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import {
  type BypassMeans,
  type BypassResult,
  exchangeOfClient,
  hostNameOf,
  sendBypass,
} from "../probe/bypass.ts";
import type { JudgingOptions } from "../probe/judged-probe.ts";
import { wellKnownRoots } from "../probe/well-known-roots.ts";
import type { BypassEnd, BypassServerEnds } from "../report/bypass-report.ts";
import type { RequestRoute } from "../routing/request-route.ts";
import type { Server } from "../routing/routes.ts";
import type { BypassRequest } from "./bypass-request.ts";
import type { DnsAddress } from "./dns-address.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { probeSendingFor } from "./probe-sending.ts";
import type { Progress } from "./progress.ts";
import type { Sending } from "./sending-options.ts";

/** One call of `causeway bypass`. */
export interface BypassCall {
  readonly request: BypassRequest;
  readonly gateway: Gateway;
  readonly taken: RequestRoute;
  readonly model: Model;
  readonly switches: Switches;
  readonly via: DnsAddress | undefined;
  readonly sending: Sending;
  readonly progress: Progress;
}

export interface BypassSent {
  readonly through: readonly BypassEnd[];
  /** Undefined = no certificate was seen. */
  readonly certificate: readonly string[] | undefined;
  readonly servers: readonly BypassServerEnds[];
  readonly interrupted: boolean;
}

/** A server of the route, and what it is sent. */
interface Asked {
  readonly server: Server;
  readonly place: string;
  readonly plan: ExchangePlan | undefined;
  readonly notSent: string | undefined;
}

/** Where nothing says how long servers may take. */
const otherwiseMs = 60_000;

/** Sends the request through the gateway and straight to the servers of its route, and judges what came back. */
export async function sendAndJudgeBypass(call: BypassCall, io: Io): Promise<BypassSent> {
  const { gateway, taken, request, via, model, progress } = call;
  const { fromAddress } = call.sending;
  const run = { model, sending: call.sending, progress };
  const { judging, meansUntil } = probeSendingFor(gateway, run, io);
  const { client, tries } = request;
  const asked = taken.to === "backend" ? taken.route.pair.servers.map((server) => askedOf(server, call)) : [];
  const sendable = asked.flatMap(({ server, plan }) =>
    server.address === undefined || plan === undefined ? [] : [{ target: server.address, plan }],
  );
  const waitMs = waitFor(taken);
  const door = { address: via?.address, port: via?.port ?? client.port };
  const own = exchangeOfClient(client, door, waitMs);
  const total = tries * (sendable.length + 1);
  return io.interruptible(async (signal) => {
    const fields = request.fields;
    const given = { clientFields: fields, clientPaths: [client.path] };
    const servers = { ...meansUntil(signal), ...given };
    // What clients call the gateway is asked where clients ask, and is no pool member.
    const plain = { dnsServers: [], comparisonServers: [], fromAddress, mapping: undefined };
    const system = probeSendingFor({ ...gateway, subnet: undefined }, { ...run, sending: plain }, io);
    const means = { servers, gateway: { ...system.meansUntil(signal), ...given } };
    const results = await sendBypass(
      {
        gateway: { target: hostNameOf(client), plan: { ...own, clientFields: [...fields.keys()] } },
        servers: sendable,
        tries,
        fromAddress,
        onSent: (done) => void progress.say(`asking: ${done} of ${total} requests ended`),
      },
      means,
    );
    const through = observations(results.gateway).map((observation) => ({
      observation,
      judged: gatewayTry(gateway.generation, observation),
    }));
    const bySending = new Map(sendable.map(({ plan }, index) => [plan, results.servers[index] ?? []]));
    const ends = asked.map((one) => endsOf(one, bySending, call, judging));
    const retried = results.interrupted ? ends : await withOwnHost(ends, call, means, judging);
    return { through, certificate: certificateOf(through), servers: retried, interrupted: signal.aborted };
  });
}

/** v2 asks a second server when the first does not answer in time. Azure lets nobody wait longer than a day. */
function waitFor(taken: RequestRoute): number {
  if (taken.to !== "backend") return otherwiseMs;
  return Math.min(taken.route.pair.setting.requestTimeoutS, 86_400) * 2000 + 5000;
}

function askedOf(server: Server, { taken, gateway, request, switches }: BypassCall): Asked {
  const { address, member, pair } = server;
  const port = pair.setting.port === undefined ? "" : `:${pair.setting.port}`;
  const name = address ?? member.ipConfiguration?.id ?? "a server of unknown address";
  const place = `${address?.includes(":") ? `[${address}]` : name}${port}`;
  const nothing = (notSent: string): Asked => ({ server, place, plan: undefined, notSent });
  if (taken.to !== "backend") return nothing("the request takes no route to it");
  if (address === undefined) return nothing("its address is not among the documents");
  const plan = planExchange(gateway.generation, taken, address, request.client, switches);
  if ("notSent" in plan) {
    const rewritten = plan.notSent === "rewritten";
    return nothing(
      rewritten ? `rewrite rule set ${plan.detail} may change what servers are asked` : plan.detail,
    );
  }
  // Other names are not passed on by the gateway (request-handling.md §5).
  const clientFields = [...request.fields.keys()].filter((field) => /^[a-z0-9-]+$/.test(field));
  return { server, place, plan: { ...plan, clientFields }, notSent: undefined };
}

/** What was sent; throws `UsageError` where the request itself cannot be. */
function observations(results: readonly BypassResult[]): ProbeObservation[] {
  return results.flatMap((result) => {
    if (!("notSent" in result)) return [result];
    throw new UsageError(`the request cannot be sent: ${result.detail}`);
  });
}

function endsOf(
  one: Asked,
  bySending: ReadonlyMap<ExchangePlan, readonly BypassResult[]>,
  { gateway }: BypassCall,
  judging: JudgingOptions,
): BypassServerEnds {
  const results = (one.plan && bySending.get(one.plan)) ?? [];
  const refused = results.find((result) => "notSent" in result);
  const ends = results.flatMap((result): BypassEnd[] =>
    "notSent" in result
      ? []
      : [{ observation: result, judged: judgedOf(result, one.server, gateway, judging) }],
  );
  const notSent = refused !== undefined && "notSent" in refused ? refused.detail : one.notSent;
  return { ...one, notSent, ends, ownHost: undefined };
}

function judgedOf(
  observation: ProbeObservation,
  server: Server,
  { generation }: Gateway,
  { trustOf }: JudgingOptions,
): BypassTry {
  const chain = observation.tls && judgeProbeChain(observation, trustOf({ server, generation }));
  return serverTry(observation, verdictOfRequest(generation, observation, chain));
}

/** Asks servers that failed, or knew nothing of what they were asked, once more with the Host that the client sent. */
async function withOwnHost(
  ends: readonly BypassServerEnds[],
  { request, gateway, sending }: BypassCall,
  means: BypassMeans,
  judging: JudgingOptions,
): Promise<readonly BypassServerEnds[]> {
  if (request.unsafe) return ends;
  const { host } = request.client;
  const wanted = ends.flatMap((one, index) => {
    const { plan, server } = one;
    const failed = one.ends.some(({ judged }) => judged.answer === "bad" || (judged.status ?? 0) >= 400);
    if (!failed || plan === undefined || server.address === undefined || plan.host === host) return [];
    const sni = plan.protocol === "Https" ? nameOnly(hostNameOf(request.client)) : undefined;
    return [{ index, server, target: server.address, plan: { ...plan, host, sni } }];
  });
  if (wanted.length === 0) return ends;
  const results = await sendBypass(
    { gateway: undefined, servers: wanted, tries: 1, fromAddress: sending.fromAddress, onSent: () => {} },
    means,
  );
  const again = new Map(
    wanted.flatMap(({ index, server }, at): [number, BypassEnd][] => {
      const result = results.servers[at]?.[0];
      if (result === undefined || "notSent" in result) return [];
      return [[index, { observation: result, judged: judgedOf(result, server, gateway, judging) }]];
    }),
  );
  return ends.map((one, index) => ({ ...one, ownHost: again.get(index) }));
}

/** What a browser would hold against the certificate that the gateway shows its clients. */
function certificateOf(through: readonly BypassEnd[]): readonly string[] | undefined {
  const seen = through.find(({ observation }) => observation.tls?.chain !== undefined)?.observation;
  if (seen?.tls?.chain === undefined) return undefined;
  const name = nameOnly(seen.sent.target);
  const { faults } = judgeChain({
    generation: "v2",
    chain: seen.tls.chain.map(({ derBase64 }) => Buffer.from(derBase64, "base64")),
    name,
    nameChecked: true,
    chainChecked: true,
    trustedRoots: [],
    wellKnownRoots: wellKnownRoots(),
    authenticationCertificates: [],
    azureService: false,
    nowMs: seen.startedAtMs,
  });
  return faults.map((fault) => certificateFaultSays(fault, name));
}
