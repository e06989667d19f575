import type { Pair, Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { JudgedExchange } from "../../live-evidence.ts";
import { evidence, groupedBy, sentWords } from "../../statements.ts";
import { failsInTls } from "./reported.ts";

/** Servers of one pair that asked for a client certificate and refused to go on without. */
export interface DemandSeen {
  readonly pair: Pair;
  readonly servers: readonly Server[];
  readonly first: JudgedExchange;
  readonly probes: boolean;
  /** All of them said so by an alert. */
  readonly certain: boolean;
}

/** What live exchanges show of it, apart from these servers. */
export function demandsSeen(
  { live, health }: Pick<Facets, "live" | "health">,
  except: ReadonlySet<Server>,
): readonly DemandSeen[] {
  const seen = live.failing.flatMap((failing) => {
    const probes = failing.plan.purpose === "probe";
    const refused = refusedFor(failing);
    if (refused === undefined || except.has(failing.server)) return [];
    if (!probes && failsInTls(health.of(failing.server))) return [];
    return [{ failing, probes, certain: refused === "alert" }];
  });
  // Where the probe is refused as well, requests add nothing.
  const probed = new Set(seen.flatMap(({ failing, probes }) => (probes ? failing.server : [])));
  const told = seen.filter(({ failing, probes }) => probes || !probed.has(failing.server));
  return groupedBy(told, ({ failing, probes }) => `${probes} ${failing.server.pair.id}`).map(([, group]) => {
    const [{ failing: first, probes }] = group as [(typeof group)[0]];
    const servers = [...new Set(group.map(({ failing }) => failing.server))];
    return { pair: first.server.pair, servers, first, probes, certain: group.every((one) => one.certain) };
  });
}

/**
 * How a server that asked for a certificate refused: by an alert, which after the request means nothing else; by closing;
 * or by an answer, with which others may mean something else.
 */
function refusedFor({
  kind,
  status,
  observation,
}: JudgedExchange): "alert" | "closed" | "answer" | undefined {
  if (kind === "client-certificate-wanted") return "alert";
  if (observation.tls?.clientCertificateRequested !== true) return undefined;
  if (kind === "tls-cut" || (kind === "http-cut" && observation.http?.status === undefined)) return "closed";
  return kind === "status" && (status === 400 || status === 403) ? "answer" : undefined;
}

export function demandEvidence({ first }: DemandSeen): Evidence[] {
  const { tls, http } = first.observation;
  const alert = tls?.alert ?? tls?.lateAlert;
  const page = http?.pageOf === undefined ? "" : `, with the error page of ${http.pageOf}`;
  const then =
    alert !== undefined
      ? `refused with the alert ${alert}`
      : first.status !== undefined
        ? `answered ${first.status}${page}`
        : "closed the connection without an answer";
  return [
    evidence(`${sentWords(first)}: ${first.says}`, first.source),
    evidence(
      `the server asked for a client certificate (CertificateRequest), was given none, and ${then}`,
      first.source,
    ),
  ];
}
