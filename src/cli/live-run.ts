import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Case } from "../diagnosis/case.ts";
import { asRecorded, recordingHead, recordingLine } from "../documents/observations/recording.ts";
import { type Investigation, investigate } from "../live/investigate.ts";
import { LiveSession } from "../live/live-session.ts";
import type { ClientRequest } from "../model/exchange-plan.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange } from "../model/observations.ts";
import { hostNameOf } from "../probe/bypass.ts";
import { systemClock } from "../probe/clock.ts";
import { lookUpWithin } from "../probe/system-lookup.ts";
import { noServerClause } from "../report/content/bypass.ts";
import type { SentForGateway } from "../report/report-input.ts";
import { routeOf } from "../routing/request-route.ts";
import { plannedRouteOf } from "../routing/rewrite/planned-router.ts";
import { wiringOf } from "../routing/routes.ts";
import { bypassReportOf } from "./bypass-run.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { LiveCall } from "./live-options.ts";
import { sendingMeans } from "./probe-sending.ts";
import type { Progress } from "./progress.ts";
import { version } from "./version.ts";
import { writeFileOut } from "./write-out.ts";

/** How often the gateway itself is asked for a URL, and its servers beside it; `causeway bypass` asks more often. */
const gatewayTries = 1;

/** As long as resolvers take for three questions of five seconds. */
const lookupMs = 15_000;

/** What was seen live, beside what is known from recordings. */
export interface LiveSeen {
  readonly exchanges: readonly LiveExchange[];
  readonly sent: readonly SentForGateway[];
  readonly interrupted: boolean;
  /** Why there is no recording, though one was asked for. */
  readonly notRecorded: string | undefined;
}

/** Sends for every gateway in turn; what came back until an interruption is kept. Writes the recording. */
export async function lookLive(
  kase: Case,
  gateways: readonly Gateway[],
  call: LiveCall,
  { io, progress }: { readonly io: Io; readonly progress: Progress },
): Promise<LiveSeen> {
  checkUrls(kase, gateways, call.given);
  const startedAtMs = Date.now();
  const lines: string[] = [];
  const given = call.given.map(({ client }) => client);
  const clientPaths = given.map(({ path }) => path);
  const clientFields = [...call.clientFields.keys()];
  const session = new LiveSession(
    {
      fromAddress: call.fromAddress,
      document: call.record ?? "live",
      keep: asRecorded,
      given,
      onExchange: ({ observation }) => {
        if (call.record !== undefined) lines.push(recordingLine(observation));
      },
    },
    kase.observations.live,
  );
  const sent: SentForGateway[] = [];
  const interrupted = await io.interruptible(async (signal) => {
    try {
      for (const gateway of gateways) {
        const onStep = (step: string): void => void progress.say(`${gateway.name}: ${step}`);
        const means = {
          ...sendingMeans(gateway, call, io, signal),
          clientFields: call.clientFields,
          clientPaths,
        };
        const options = { given, clientFields, budget: call.budget, onStep };
        const investigation = await investigate(kase, gateway, session, options, means);
        const throughGateway = await askGateway(gateway, { kase, call, io, progress, signal });
        sent.push(sentFor(gateway, investigation, throughGateway));
      }
      return false;
    } catch (error) {
      if (!signal.aborted) throw error;
      return true;
    }
  });
  const { fromAddress } = call;
  const head = recordingHead({ version: version(), startedAtMs, host: hostname(), fromAddress });
  const notRecorded = await record(call.record, head + lines.join(""), io);
  return { exchanges: session.exchanges, sent, interrupted, notRecorded };
}

/** What was seen is told though it cannot be written; gives why not. */
async function record(path: string | undefined, text: string, io: Io): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    await writeFileOut(path, text, io);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Throws `UsageError` for a URL that no gateway has a listener for: nothing could be sent for it. */
function checkUrls(kase: Case, gateways: readonly Gateway[], given: LiveCall["given"]): void {
  for (const { client, url } of given) {
    const taken = gateways.map((gateway) => routeOf(gateway, wiringOf(gateway), client, kase.switches));
    const [first] = taken;
    if (first === undefined || taken.some((one) => one.to === "backend" || !unheard.has(one.why))) continue;
    throw new UsageError(`--url: no gateway takes ${url}: ${noServerClause(first)}`);
  }
}

const unheard: ReadonlySet<string> = new Set(["no-listener", "other-scheme", "host-not-taken"]);

/** Each URL through the gateway itself and straight to its servers: whose error is it? */
async function askGateway(
  gateway: Gateway,
  asking: {
    readonly kase: Case;
    readonly call: LiveCall;
    readonly io: Io;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<SentForGateway["throughGateway"]> {
  const { kase, call, io, progress, signal } = asking;
  const answers: { url: string; outcome: string; says: string }[] = [];
  for (const { client, url } of call.given) {
    signal.throwIfAborted();
    const fieldNames = [...call.clientFields.keys()];
    const taken = plannedRouteOf(gateway, wiringOf(gateway), { ...client, fieldNames }, kase.switches);
    if (taken.to !== "backend") continue;
    if (!(await isFound(client, call, io, signal))) {
      const says = `Not asked: ${hostNameOf(client)} leads nowhere from here; say with --via where the gateway is.`;
      answers.push({ url, outcome: "could-not-tell", says });
      continue;
    }
    await progress.say(`${gateway.name}: asking through the gateway for ${url}`);
    const via = call.via && { ...call.via, port: call.via.port === 0 ? client.port : call.via.port };
    const request = { client, url, fields: call.clientFields, tries: gatewayTries, unsafe: false };
    const { model, switches } = kase;
    const asked = { request, gateway, taken, model, switches, via, sending: call, progress };
    const { verdict } = (await bypassReportOf(asked, "", io)).report;
    answers.push({ url, outcome: verdict.outcome, says: verdict.says });
  }
  return answers;
}

/** Whether anybody says where the gateway is: without that there is nobody to ask. */
async function isFound(
  client: ClientRequest,
  { via }: LiveCall,
  io: Io,
  signal: AbortSignal,
): Promise<boolean> {
  const host = hostNameOf(client);
  if (via !== undefined || isIP(host) !== 0) return true;
  const found = await lookUpWithin(io.systemLookup, host, lookupMs, systemClock, signal);
  return !("failed" in found);
}

function sentFor(
  gateway: Gateway,
  investigation: Investigation,
  throughGateway: SentForGateway["throughGateway"],
): SentForGateway {
  const { notReplayed, withoutRequest, ...counts } = investigation;
  return {
    gatewayId: gateway.id,
    throughGateway,
    ...counts,
    notReplayed: notReplayed.map(({ request, why }) => ({ route: request.route.id, why })),
    withoutRequest: withoutRequest.map(({ route, why }) => ({ route: route.id, why })),
  };
}
