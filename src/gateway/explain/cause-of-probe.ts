import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { proxyBefore } from "../../health/answer-maker.ts";
import { causeOfFault } from "../../health/certificates/chain-causes.ts";
import { firstBytes } from "../../health/first-bytes.ts";
import type { JudgedChain } from "../../health/probe-chain.ts";
import type { ProbeVerdict } from "../../health/probe-verdict.ts";
import { isShortage } from "../../model/own-shortage.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import type { PlannedProbe } from "../../probe/probe-list.ts";
import { causeOfAlert, causeOfFraming, causeOfName } from "./cause-of-failure.ts";

/** A probe that came back and was not healthy. */
export interface FailedProbe {
  readonly probe: Pick<PlannedProbe, "plan">;
  readonly observation: ProbeObservation;
  readonly verdict: Pick<ProbeVerdict, "kind" | "outcome">;
  readonly chain: JudgedChain | undefined;
}

/** What a failed probe means, by the same rules as failed attempts; undefined = it alone does not tell. */
export function causeOfProbe({ probe, observation, verdict, chain }: FailedProbe): CauseId | undefined {
  const { tls, http } = observation;
  switch (verdict.kind) {
    case "name-unaskable":
    case "name-not-found":
    case "name-without-address":
      return "dns-fqdn-wrong";
    case "name-unanswered":
      return causeOfUnanswered(observation);
    case "tcp-refused":
      return "tcp-refused";
    case "tcp-unreachable":
      return observation.tcp?.errno === "EHOSTUNREACH" ? "backend-down" : undefined;
    case "tls-alert":
      return causeOfProbeAlert(tls?.alert ?? tls?.lateAlert, tls?.sniSent);
    case "client-certificate-wanted":
      return "tls-client-cert-required";
    case "tls-not-tls":
      return firstBytes(observation)?.startsWith("HTTP/1.") ? "protocol-tls-to-http" : undefined;
    case "certificate": {
      const fault = chain?.faults.find(({ enforced }) => enforced);
      return fault === undefined ? undefined : causeOfFault(fault);
    }
    case "http-invalid":
      return causeOfFraming(http?.fault?.kind, firstBytes(observation));
    case "http-cut":
      return "http-reset-midway";
    case "status":
      return causeOfStatus(probe, observation);
    case "body":
      return "probe-body";
    default:
      return undefined;
  }
}

/** Whoever could not ask has learned nothing of those to be asked. */
function causeOfUnanswered({ dns }: ProbeObservation): CauseId | undefined {
  const said = dns?.answers.find(({ role }) => role !== "comparison");
  if (said === undefined || isShortage(said.errno) || said.errno === "EADDRNOTAVAIL") return undefined;
  return said.outcome === "no-answer" || said.outcome === "unreachable"
    ? "dns-server-unreachable"
    : causeOfName(said.rcode ?? said.errno);
}

/** The alert is of servers that want a name which they know (RFC 6066 §3). */
function causeOfProbeAlert(alert: string | undefined, sent: string | undefined): CauseId | undefined {
  if (alert !== "unrecognized_name") return causeOfAlert(alert);
  return sent === undefined ? "tls-ip-no-sni" : "tls-name-probe";
}

/** causes-of-502.md §L.3, §L.4. Whether a custom probe's path or its host is wrong, only an experiment tells. */
function causeOfStatus({ plan }: FailedProbe["probe"], { http }: ProbeObservation): CauseId | undefined {
  const status = http?.status ?? 0;
  if (http === undefined) return undefined;
  if (status >= 500 && status !== 501) return causeOfServerError(http);
  if (status === 401) return "probe-auth";
  if (status === 405 || status === 501) return "probe-method";
  if (status < 400) return "probe-narrow-match";
  if (plan.kind === "custom" || (status !== 404 && status !== 403)) return undefined;
  return plan.host.value === "127.0.0.1" ? "probe-default-host" : "probe-default-root";
}

/** An error that the server itself answered, or what stands in its place (causes-of-502.md §L.12). */
export function causeOfServerError(answer: Parameters<typeof proxyBefore>[0]): CauseId {
  return proxyBefore(answer) === undefined ? "backend-5xx" : "second-proxy-502";
}
