import { settleMakers, verdictOfBypass } from "../health/bypass-verdict.ts";
import type { BypassReport } from "../report/bypass-report.ts";
import { noServerClause } from "../report/content/bypass.ts";
import { type BypassCall, sendAndJudgeBypass } from "./bypass-sending.ts";
import type { Io } from "./io.ts";

/** Asks, judges and words it; `next` is the command to go on with. */
export async function bypassReportOf(
  call: BypassCall,
  next: string,
  io: Io,
): Promise<{ report: BypassReport; interrupted: boolean }> {
  const { gateway, taken, request, via } = call;
  const { through: seen, certificate, servers, interrupted } = await sendAndJudgeBypass(call, io);
  const unsent = servers.find(({ notSent }) => notSent !== undefined)?.notSent;
  const unasked = noServerClause(taken) ?? (servers.length === 0 ? "its backend pool is empty" : unsent);
  const direct = servers.map(({ place, ends }) => ({ place, tries: ends.map(({ judged }) => judged) }));
  const judged = settleMakers(
    seen.map((end) => end.judged),
    direct,
  );
  const through = seen.map((end, index) => ({ ...end, judged: judged[index] ?? end.judged }));
  const verdict = verdictOfBypass(judged, direct, unasked);
  const { client, url, fields, tries, unsafe } = request;
  const report = {
    gateway,
    url,
    method: client.method,
    fields: [...fields.keys()],
    tries,
    unsafe,
    taken,
    via: via && (via.address.includes(":") ? `[${via.address}]:${via.port}` : `${via.address}:${via.port}`),
    through,
    certificate,
    servers,
    verdict,
    next,
  };
  return { report, interrupted };
}
