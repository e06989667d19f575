import type { Layer } from "../../diagnosis/finding.ts";
import type { HealthMessage } from "../../health/message.ts";
import type { ProbePlan } from "../../health/probe-plan.ts";
import type { HostChoice, RequestPlan } from "../../health/request-plan.ts";
import { formatStatusRanges } from "../../health/status-match.ts";
import type { Stage } from "./drawing.ts";

/** The stops at the server itself: what is sent there, and what was answered. */

export function tlsStage(plan: ProbePlan): Stage {
  const name = plan.sni.value;
  return {
    mark: "stops",
    label: "TLS",
    text: name === undefined ? "no server name is sent" : `server name ${name}`,
  };
}

export function probeStage(plan: ProbePlan, message: HealthMessage | undefined): Stage {
  const host = plan.host.value === undefined ? "" : ` with Host ${plan.host.value}`;
  const wants = `, wants ${formatStatusRanges(plan.healthyStatuses.value)}`;
  const got = message?.received === undefined ? "" : `, got ${message.received}`;
  return {
    mark: "stops",
    label: plan.kind === "default" ? "default probe" : "probe",
    text: `GET ${plan.path.value ?? "/"}${host}${wants}${got}`,
  };
}

export function requestStage(plan: RequestPlan, layer: Layer): Stage {
  const tls = plan.protocol === "Https" || plan.protocol === "Tls";
  const facts = [
    `Host ${nameText(plan.host)}`,
    ...(tls ? [`server name (TLS) ${nameText(plan.sni)}`] : []),
    ...(layer === "timeout" ? [`cut after ${plan.requestTimeoutS.value} s`] : []),
  ];
  return { mark: "stops", label: "requests", text: facts.join(", ") };
}

function nameText(choice: HostChoice): string {
  return choice.from === "client" ? "as the client sent it" : (choice.value ?? "not sent");
}
