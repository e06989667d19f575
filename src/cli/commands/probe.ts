import type { Switches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import { probeAll } from "../../probe/probe-all.ts";
import { listProbes, type ProbeList } from "../../probe/probe-list.ts";
import type { ProbePlans, ProbeReport } from "../../report/probe-report.ts";
import { type Route, wiringOf } from "../../routing/routes.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { type GatewayList, type ProbeRun, probeSendingFor } from "../probe-sending.ts";
import { Progress } from "../progress.ts";
import { readCase } from "../read-case.ts";
import { checkSending } from "../sending-check.ts";
import { sendingFrom } from "../sending-options.ts";
import { suggestion } from "../suggestion.ts";
import { switchesFrom } from "../switches.ts";
import { textStyleFor } from "../terminal.ts";
import { watchLimits } from "../watch-limits.ts";
import { checkWritable, writeOut } from "../write-out.ts";

/** `causeway probe PATH...` */
export async function probe(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to probe: give files, folders or -; see causeway probe --help");
  }
  const switches = switchesFrom(args.list("switch"));
  const sending = sendingFrom(args);
  const limits = watchLimits(args);
  const progress = new Progress(io, !args.flag("quiet"));
  const read = await readCase(args, io, progress);
  if ("unreadable" in read) return exitCodes.usage.code;
  await checkSending(sending, read.model.gateways);
  await checkWritable([args.text("output")]);
  const lists = listsFor(read.gateways, args, switches);
  const run = { model: read.model, sending, progress };
  const { fine, interrupted } =
    limits === undefined
      ? await probedOnce(lists, run, args, io)
      : await (await import("./probe-watch.ts")).watched(lists, { ...run, limits }, args, io);
  if (interrupted) return exitCodes.interrupted.code;
  if (read.set.failures.length > 0) return exitCodes.usage.code;
  return fine ? exitCodes.fine.code : exitCodes.found.code;
}

/** What is to be probed; throws `UsageError` when a route or server that was asked for is not there. */
function listsFor(gateways: readonly Gateway[], args: Arguments, switches: Switches): GatewayList[] {
  const [route, server] = [args.text("route"), args.text("server")?.toLowerCase()];
  const wirings = gateways.map((gateway) => ({ gateway, ...wiringOf(gateway) }));
  const all = wirings.flatMap(({ routes }) => routes);
  const wanted = all.filter(({ id }) => route === undefined || id.toLowerCase() === route.toLowerCase());
  if (route !== undefined && wanted.length === 0)
    throw unknown(
      "route",
      route,
      all.map(({ id }) => id),
    );
  const addresses = wanted.flatMap(({ pair }) => pair?.servers.flatMap(({ address }) => address ?? []) ?? []);
  if (server !== undefined && !addresses.some((address) => address.toLowerCase() === server)) {
    throw unknown("server", server, addresses);
  }
  const kept = new Set<Route>(wanted);
  return wirings
    .map(({ gateway, routes }) => {
      const own = routes.filter((one) => kept.has(one));
      const list = listProbes(
        gateway.generation,
        own,
        switches,
        ({ address }) => server === undefined || address?.toLowerCase() === server,
      );
      return { gateway, list: server === undefined ? list : { ...list, withoutServer: [] } };
    })
    .filter(({ list }) => (route === undefined && server === undefined) || holdsAnything(list));
}

const holdsAnything = ({ probes, withoutServer }: ProbeList): boolean =>
  probes.length > 0 || withoutServer.length > 0;

function unknown(what: string, written: string, known: readonly string[]): UsageError {
  const names = [...new Set(known)];
  const near = suggestion(written, names, (name) => `; did you mean ${name}?`);
  const there = names.length === 0 ? "" : `; there is ${names.slice(0, 5).join(", ")}`;
  return new UsageError(`there is no ${what} ${written} to probe${near || there}`);
}

/** How it came out. */
interface Outcome {
  readonly fine: boolean;
  readonly interrupted: boolean;
}

/** Sends and writes. On standard output the plans stand before anything is sent; a file appears whole. */
async function probedOnce(
  lists: readonly GatewayList[],
  run: ProbeRun,
  args: Arguments,
  io: Io,
): Promise<Outcome> {
  const reports: ProbeReport[] = [];
  const json = args.text("format") === "json";
  const atOnce = !json && args.text("output") === undefined;
  let text = "";
  const write = async (part: string): Promise<void> => {
    if (atOnce) await io.stdout.write(part);
    else text += part;
  };
  const { probePlansText, probeEndsText } = await import("../../report/text/probe.ts");
  const look = { ...textStyleFor(io, args), verbose: args.flag("verbose"), quiet: args.flag("quiet") };
  const interrupted = await io.interruptible(async (signal) => {
    for (const { gateway, list } of lists) {
      const plans: ProbePlans = { gateway, fromAddress: run.sending.fromAddress, ...list };
      if (!json) await write(`${reports.length > 0 ? "\n" : ""}${probePlansText(plans, look)}`);
      const report = { ...plans, ends: await sendAll({ gateway, list }, run, io, signal) };
      await run.progress.clear();
      if (!json) await write(probeEndsText(report, look));
      reports.push(report);
    }
    return signal.aborted;
  });
  if (json) text = (await import("../../report/probe-json.ts")).probeJson(reports);
  if (!atOnce) await writeOut(text, args, io);
  const ends = reports.flatMap((report) => report.ends);
  // Where nobody was asked, nobody answered.
  const fine = ends.length > 0 && ends.every((end) => end.sent && end.verdict.outcome === "healthy");
  return { fine, interrupted };
}

async function sendAll(
  { gateway, list }: GatewayList,
  run: ProbeRun,
  io: Io,
  signal: AbortSignal,
): Promise<ProbeReport["ends"]> {
  const { judging, meansUntil } = probeSendingFor(gateway, run, io);
  const onResult = (done: number) => void run.progress.say(`probing: ${done} of ${list.probes.length} ended`);
  return probeAll(list.probes, { ...judging, onResult }, meansUntil(signal));
}
