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
import type { SentForGateway } from "../report/report-input.ts";
import { routeOf } from "../routing/request-route.ts";
import { wiringOf } from "../routing/routes.ts";
import { bypassReportOf } from "./bypass-run.ts";
import type { Io } from "./io.ts";
import type { LiveCall } from "./live-options.ts";
import { sendingMeans } from "./probe-sending.ts";
import type { Progress } from "./progress.ts";
import { version } from "./version.ts";
import { writeFileOut } from "./write-out.ts";

/** How often the gateway itself is asked for a URL, and its servers beside it; `causeway bypass` asks more often. */
const gatewayTries = 1;

/** What was seen live, beside what is known from recordings. */
export interface LiveSeen {
  readonly exchanges: readonly LiveExchange[];
  readonly sent: readonly SentForGateway[];
  readonly interrupted: boolean;
}

/** Sends for every gateway in turn; what came back until an interruption is kept. Writes the recording. */
export async function lookLive(
  kase: Case,
  gateways: readonly Gateway[],
  call: LiveCall,
  { io, progress }: { readonly io: Io; readonly progress: Progress },
): Promise<LiveSeen> {
  const startedAtMs = Date.now();
  const lines: string[] = [];
  const given = call.given.map(({ client }) => client);
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
        const means = { ...sendingMeans(gateway, call, io, signal), clientFields: call.clientFields };
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
  if (call.record !== undefined) {
    const { fromAddress } = call;
    const head = recordingHead({ version: version(), startedAtMs, host: hostname(), fromAddress });
    await writeFileOut(call.record, head + lines.join(""), io);
  }
  return { exchanges: session.exchanges, sent, interrupted };
}

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
    const taken = routeOf(gateway, wiringOf(gateway), client, kase.switches);
    if (taken.to !== "backend" || !(await isFound(client, call, io))) continue;
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
async function isFound(client: ClientRequest, { via }: LiveCall, io: Io): Promise<boolean> {
  const host = hostNameOf(client);
  return via !== undefined || isIP(host) !== 0 || !("failed" in (await io.systemLookup(host)));
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
