import { systemClock } from "../../probe/clock.ts";
import { type JudgedProbe, sendAndJudge } from "../../probe/judged-probe.ts";
import type { PlannedProbe } from "../../probe/probe-list.ts";
import { type WatchEnd, type WatchEvent, watchProbes } from "../../probe/watch.ts";
import type { ProbePlans } from "../../report/probe-report.ts";
import { allUp, type WatchWriter } from "../../report/probe-watch-report.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { type GatewayList, type ProbeRun, probeSendingFor } from "../probe-sending.ts";
import { textStyleFor } from "../terminal.ts";
import type { WatchLimits } from "../watch-limits.ts";

interface WatchRun extends ProbeRun {
  readonly limits: WatchLimits;
}

/** `causeway probe PATH... --watch`: writes as it goes, until it is interrupted or has reached its limits. */
export async function watched(
  lists: readonly GatewayList[],
  run: WatchRun,
  args: Arguments,
  io: Io,
): Promise<{ readonly fine: boolean; readonly interrupted: boolean }> {
  const writer = await writerFor(lists, run, args, io);
  await run.progress.clear();
  await io.stdout.write(writer.start(systemClock.epochMs()));
  const { end, interrupted } = await io.interruptible(async (signal) => {
    const ended = await watchAll(lists, { run, writer, io }, signal);
    return { end: ended, interrupted: signal.aborted };
  });
  await run.progress.clear();
  await io.stdout.write(writer.end(end, systemClock.epochMs()));
  return { fine: allUp(end), interrupted };
}

async function writerFor(
  lists: readonly GatewayList[],
  { sending: { fromAddress } }: WatchRun,
  args: Arguments,
  io: Io,
): Promise<WatchWriter> {
  const plans: ProbePlans[] = lists.map(({ gateway, list }) => ({ gateway, fromAddress, ...list }));
  const quiet = args.flag("quiet");
  if (args.text("format") === "json") {
    return (await import("../../report/probe-watch-json.ts")).watchJson(plans, quiet);
  }
  const { WatchText } = await import("../../report/text/probe-watch.ts");
  return new WatchText(plans, { ...textStyleFor(io, args), verbose: args.flag("verbose"), quiet });
}

interface Writing {
  readonly run: WatchRun;
  readonly writer: WatchWriter;
  readonly io: Io;
}

async function watchAll(
  lists: readonly GatewayList[],
  { run, writer, io }: Writing,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const readerGone = new AbortController();
  const up = new Set<number>();
  const probes = lists.flatMap(({ list }) => list.probes);
  const onEvent = async (event: WatchEvent): Promise<void> => {
    if (event.server.state.up) up.add(event.server.number);
    else up.delete(event.server.number);
    const text = writer.event(event);
    if (text !== "") {
      await run.progress.clear();
      await io.stdout.write(text);
      if (io.stdout.isGone?.()) readerGone.abort();
    }
    await run.progress.say(`watching: ${up.size} of ${probes.length} up; Ctrl-C ends it`);
  };
  return watchProbes(probes, {
    ...run.limits,
    send: sender(lists, run, io),
    clock: systemClock,
    jitter: Math.random,
    signal: AbortSignal.any([signal, readerGone.signal]),
    onEvent,
  });
}

/** Each probe as its own gateway would send it. */
function sender(
  lists: readonly GatewayList[],
  run: WatchRun,
  io: Io,
): (probe: PlannedProbe, signal: AbortSignal) => Promise<JudgedProbe> {
  const sendings = lists.flatMap(({ gateway, list }) => {
    const sending = probeSendingFor(gateway, run, io);
    return list.probes.map((probe) => [probe, sending] as const);
  });
  const sendingOf = new Map(sendings);
  return async (probe, signal) => {
    const sending = sendingOf.get(probe);
    if (sending === undefined) throw new Error("a probe of no gateway");
    return sendAndJudge(probe, sending.judging, sending.meansUntil(signal));
  };
}
