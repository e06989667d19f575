import { isIP } from "node:net";
import type { Switches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import { hostNameOf } from "../../probe/bypass.ts";
import type { BypassReport } from "../../report/bypass-report.ts";
import { type ArrivingRequest, frontendsAt, type RequestRoute } from "../../routing/request-route.ts";
import { plannedRouteOf } from "../../routing/rewrite/planned-router.ts";
import { wiringOf } from "../../routing/routes.ts";
import { type BypassRequest, bypassRequestFrom } from "../bypass-request.ts";
import { bypassReportOf } from "../bypass-run.ts";
import { addressAndPort, type DnsAddress } from "../dns-address.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { Progress } from "../progress.ts";
import { type ReadCase, readCase } from "../read-case.ts";
import { checkSending } from "../sending-check.ts";
import { sendingFrom } from "../sending-options.ts";
import { switchesFrom } from "../switches.ts";
import { textStyleFor } from "../terminal.ts";
import { checkWritable, writeOut } from "../write-out.ts";

/** `causeway bypass URL --case PATH...` */
export async function bypass(args: Arguments, io: Io): Promise<number> {
  const request = bypassRequestFrom(args);
  const paths = args.list("case");
  if (paths.length === 0) throw new UsageError("whose servers? give the exported documents with --case PATH");
  const switches = switchesFrom(args.list("switch"));
  const call = {
    request,
    switches,
    via: viaFrom(args.text("via"), request),
    sending: sendingFrom(args),
    progress: new Progress(io, !args.flag("quiet")),
  };
  const read = await readCase(args.withPositionals(paths), io, call.progress);
  if ("unreadable" in read) return exitCodes.usage.code;
  await checkSending(call.sending, read.model.gateways);
  await checkWritable([args.text("output")]);
  const chosen = chooseGateway(read, request, call.via, switches);
  const { report, interrupted } = await bypassReportOf(
    { ...call, ...chosen, model: read.model },
    nextCommand(args, request.url),
    io,
  );
  await call.progress.clear();
  await writeOut(await rendered(report, args, io), args, io);
  if (interrupted) return exitCodes.interrupted.code;
  if (read.set.failures.length > 0) return exitCodes.usage.code;
  return report.verdict.outcome === "not-reproduced" ? exitCodes.fine.code : exitCodes.found.code;
}

function viaFrom(text: string | undefined, { client }: BypassRequest): DnsAddress | undefined {
  if (text === undefined) return undefined;
  const via = addressAndPort(text, client.port);
  if (via !== undefined) return via;
  throw new UsageError(`--via takes an address like 10.0.0.9 or 10.0.0.9:8443, not "${text}"`);
}

interface Chosen {
  readonly gateway: Gateway;
  readonly taken: RequestRoute;
}

/** Of several gateways the one that has a server for this request. */
function chooseGateway(
  { gateways }: ReadCase,
  { client, fields }: BypassRequest,
  via: DnsAddress | undefined,
  switches: Switches,
): Chosen {
  const address = via?.address ?? hostNameOf(client);
  const all = gateways.map((gateway): Chosen => {
    const [frontend, ...others] = isIP(address) === 0 ? [] : frontendsAt(gateway, address);
    const known = frontend === undefined || others.length > 0 ? undefined : frontend.id;
    const arriving: ArrivingRequest = { ...client, frontend: known, fieldNames: [...fields.keys()] };
    return { gateway, taken: plannedRouteOf(gateway, wiringOf(gateway), arriving, switches) };
  });
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  const taking = all.filter(({ taken }) => taken.to === "backend");
  const [first, ...rest] = taking;
  if (first !== undefined && rest.length === 0) return first;
  const names = all
    .map(({ gateway }) => gateway.name)
    .slice(0, 5)
    .join(", ");
  const why =
    first === undefined ? "none of them has a server for this request" : "several have a route for it";
  throw new UsageError(`there are ${all.length} gateways (${names}) and ${why}; choose with --gateway NAME`);
}

/** Diagnosis of the same request by the same way; a query is left out, since no route depends on it. */
function nextCommand(args: Arguments, url: string): string {
  const options = ["backend", "dns"].flatMap((name) =>
    args.list(name).flatMap((value) => [`--${name}`, value]),
  );
  const single = ["from-address", "gateway", "via"].flatMap((name) => {
    const value = args.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const words = [...args.list("case"), "--live", "--url", url.replace(/\?…$/, ""), ...options, ...single];
  return ["causeway", "diagnose", ...words.map(quoted)].join(" ");
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:@%+,=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function rendered(report: BypassReport, args: Arguments, io: Io): Promise<string> {
  if (args.text("format") === "json") return (await import("../../report/bypass-json.ts")).bypassJson(report);
  const { bypassText } = await import("../../report/text/bypass.ts");
  const look = { ...textStyleFor(io, args), verbose: args.flag("verbose"), quiet: args.flag("quiet") };
  return bypassText(report, look);
}
