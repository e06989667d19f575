import { formatStatusRanges } from "../health/status-match.ts";
import { plainJson } from "../model/plain-json.ts";
import type { DnsPhase, ProbeObservation, TlsPhase } from "../model/probe-observation.ts";
import { noServerSays, notSentSays, routesOfProbe } from "./content/probe.ts";
import { shownCertificate } from "./content/probe-phases.ts";
import type { ProbeEnd, ProbeReport, ProbeShown } from "./probe-report.ts";

/**
 * `causeway probe --format json`: `causeway/probe/v1`, published as `schema/probe.v1.schema.json`. One object for one
 * gateway, an array for several. What is not known is `null`, never absent. Ends with a newline.
 */
export function probeJson(reports: readonly ProbeReport[]): string {
  const [first, ...others] = reports.map(reportJson);
  const value = others.length === 0 ? first : [first, ...others];
  return `${plainJson(JSON.stringify(value, (_, inner) => (inner === undefined ? null : inner), 2))}\n`;
}

function reportJson({ gateway, fromAddress, probes, withoutServer, ends }: ProbeReport) {
  const { id, name, sku, generation } = gateway;
  return {
    format: "causeway/probe/v1",
    gateway: { id, name, sku: sku.name, generation },
    fromAddress,
    probes: probes.map((probe, index) => probeEntry(probe, ends[index])),
    withoutServer: withoutServer.map(({ route, why }) => ({ route: route.id, why, says: noServerSays(why) })),
  };
}

function probeEntry(probe: ProbeShown, end: ProbeEnd | undefined) {
  const { plan, server, pairs } = probe;
  const sent = end?.sent === true ? end : undefined;
  return {
    address: server.address,
    ipConfiguration: server.member.ipConfiguration?.id,
    routes: routesOfProbe(probe),
    pairs: pairs.map(({ id }) => id),
    plan: {
      kind: plan.kind,
      protocol: plan.protocol,
      port: plan.port.value,
      host: plan.host.value,
      path: plan.path.value,
      sni: plan.sni.value,
      timeoutS: plan.timeoutS,
      healthyStatuses: formatStatusRanges(plan.healthyStatuses.value),
      healthyBody: plan.healthyBody.value,
    },
    noResult: end?.sent === false ? { why: end.why, says: notSentSays(end.why) } : undefined,
    verdict: sent?.verdict,
    observation: sent && observationJson(sent.observation),
  };
}

function observationJson({ startedAtMs, dns, tcp, tls, http }: ProbeObservation) {
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    dns: dns && dnsJson(dns),
    tcp,
    tls: tls && tlsJson(tls),
    http,
  };
}

function dnsJson({ name, unaskable, answers, differing, used, tookMs }: DnsPhase) {
  return { name, unaskable, answers, differing, used, tookMs };
}

function tlsJson({ chain, ...rest }: TlsPhase) {
  return { ...rest, chain: chain?.map(shownCertificate) };
}
