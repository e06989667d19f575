import { hostname } from "node:os";
import type { Case } from "../diagnosis/case.ts";
import { asRecorded, recordingHead, recordingLine } from "../documents/observations/recording.ts";
import { type Investigation, investigate } from "../live/investigate.ts";
import { LiveSession } from "../live/live-session.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange } from "../model/observations.ts";
import { realMeans } from "../probe/real-means.ts";
import type { SentForGateway } from "../report/report-input.ts";
import type { Io } from "./io.ts";
import type { LiveCall } from "./live-options.ts";
import { ownServers } from "./probe-sending.ts";
import type { Progress } from "./progress.ts";
import { version } from "./version.ts";
import { writeFileOut } from "./write-out.ts";

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
  const session = new LiveSession(
    {
      fromAddress: call.fromAddress,
      document: call.record ?? "live",
      keep: asRecorded,
      given: call.given,
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
        const means = meansFor(gateway, call, io, signal);
        const options = { given: call.given, budget: call.budget, onStep };
        sent.push(sentFor(gateway, await investigate(kase, gateway, session, options, means)));
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

function sentFor(gateway: Gateway, investigation: Investigation): SentForGateway {
  const { notReplayed, withoutRequest, ...counts } = investigation;
  return {
    gatewayId: gateway.id,
    ...counts,
    notReplayed: notReplayed.map(({ request, why }) => ({ route: request.route.id, why })),
    withoutRequest: withoutRequest.map(({ route, why }) => ({ route: route.id, why })),
  };
}

function meansFor(gateway: Gateway, call: LiveCall, io: Io, signal: AbortSignal) {
  const { dnsServers, fromAddress, mapping } = call;
  return realMeans({
    dnsServersFor: (name) => (dnsServers.length > 0 ? dnsServers : ownServers(gateway, name)),
    systemLookup: io.systemLookup,
    fromAddress,
    userAgent: `causeway/${version()}`,
    mapping,
    signal,
  });
}
