import { isIP } from "node:net";
import { hostsOf } from "../../diagnosis/facets/hosts.ts";
import { isIsolated } from "../../diagnosis/facets/reach.ts";
import { servicesOf } from "../../diagnosis/facets/services.ts";
import type { Switches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { Model } from "../../model/model.ts";
import { customServersFor } from "../../network/dns-servers.ts";
import { probeAll } from "../../probe/probe-all.ts";
import { listProbes, type ProbeList } from "../../probe/probe-list.ts";
import { realMeans, wellKnownRoots } from "../../probe/real-means.ts";
import type { ProbePlans, ProbeReport } from "../../report/probe-report.ts";
import { type Route, wiringOf } from "../../routing/routes.ts";
import { type DnsAddress, dnsAddressFrom } from "../dns-address.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { Progress } from "../progress.ts";
import { readCase } from "../read-case.ts";
import { suggestion } from "../suggestion.ts";
import { switchesFrom } from "../switches.ts";
import { textStyleFor } from "../terminal.ts";
import { version } from "../version.ts";
import { writeOut } from "../write-out.ts";

/** As shells count a process that Ctrl-C ended: 128 + SIGINT. */
const interruptedCode = 130;

/** `causeway probe PATH...` */
export async function probe(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to probe: give files, folders or -; see causeway probe --help");
  }
  const switches = switchesFrom(args.list("switch"));
  const dnsServers = args.list("dns").map(dnsAddressFrom);
  const fromAddress = sourceAddress(args.text("from-address"));
  const progress = new Progress(io, !args.flag("quiet"));
  const read = await readCase(args, io, progress);
  if (read === undefined) return exitCodes.usage.code;
  const lists = listsFor(read.gateways, args, switches);
  const run = { model: read.model, dnsServers, fromAddress, progress };
  const { reports, interrupted } = await written(lists, run, args, io);
  if (interrupted) return interruptedCode;
  if (read.set.failures.length > 0) return exitCodes.usage.code;
  const ends = reports.flatMap((report) => report.ends);
  // Where nobody was asked, nobody answered.
  const fine = ends.length > 0 && ends.every((end) => end.sent && end.verdict.outcome === "healthy");
  return fine ? exitCodes.fine.code : exitCodes.found.code;
}

function sourceAddress(text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) !== 0) return text;
  throw new UsageError(`--from-address takes an IP address of this machine, not "${text}"`);
}

interface GatewayList {
  readonly gateway: Gateway;
  readonly list: ProbeList;
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

interface Run {
  readonly model: Model;
  readonly dnsServers: readonly DnsAddress[];
  readonly fromAddress: string | undefined;
  readonly progress: Progress;
}

interface Written {
  readonly reports: readonly ProbeReport[];
  readonly interrupted: boolean;
}

/** Sends and writes. On standard output the plans stand before anything is sent; a file appears whole. */
async function written(lists: readonly GatewayList[], run: Run, args: Arguments, io: Io): Promise<Written> {
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
      const plans: ProbePlans = { gateway, fromAddress: run.fromAddress, ...list };
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
  return { reports, interrupted };
}

async function sendAll(
  { gateway, list }: GatewayList,
  { model, dnsServers, fromAddress, progress }: Run,
  io: Io,
  signal: AbortSignal,
): Promise<ProbeReport["ends"]> {
  const services = servicesOf(model.network, hostsOf(model.network, model.gateways));
  const means = realMeans({
    dnsServersFor: (name) => (dnsServers.length > 0 ? dnsServers : ownServers(gateway, name)),
    systemLookup: io.systemLookup,
    fromAddress,
    userAgent: `causeway/${version()}`,
    signal,
  });
  const options = {
    fromAddress,
    trustOf: ({ server, generation }: ProbeList["probes"][number]) => ({
      generation,
      setting: server.pair.setting,
      wellKnownRoots: wellKnownRoots(),
      azureService: services.of(server) !== undefined,
    }),
    onResult: (done: number) => void progress.say(`probing: ${done} of ${list.probes.length} ended`),
  };
  return probeAll(list.probes, options, means);
}

/** Those of the gateway's virtual network, as far as anybody outside the platform can ask them. */
function ownServers(gateway: Gateway, name: string): DnsAddress[] {
  const home = gateway.subnet?.target?.virtualNetwork;
  if (home === undefined) return [];
  const servers = customServersFor(name.toLowerCase(), home, { networkIsolated: isIsolated(gateway) });
  return servers.filter((address) => isIP(address) !== 0).map((address) => ({ address, port: 53 }));
}
