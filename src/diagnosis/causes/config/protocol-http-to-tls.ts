import { firstBytes, isTlsAlert } from "../../../health/first-bytes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { type KnownFacets, rootsFor } from "../tls/known-certificates.ts";
import { trustIn } from "../tls/trust-fix.ts";
import { changeProtocol } from "./change-setting.ts";
import {
  otherProtocolTrials,
  protocolEvidence,
  type Wrong,
  type WrongProtocol,
  wrongProtocols,
} from "./wrong-protocol.ts";

/** How requests end with a server that takes them for broken handshakes. */
const endsSo: Wrong["endsSo"] = ({ kind, status }) =>
  status === 400 || kind === "http-cut" || kind === "http-invalid" || kind === "http-timed-out";

const plainToTls: Wrong = {
  has: "Http",
  certain: new Set([443]),
  unusual: new Set([8443, 9443]),
  fails: ({ message, live }) =>
    live === undefined
      ? message.received === 400 || message.phase === "tcp" || message.phase === "timeout"
      : endsSo(live),
  endsSo,
  answersSo: ({ kind, observation }) =>
    kind === "http-invalid" && observation.tls === undefined && isTlsAlert(firstBytes(observation) ?? ""),
  proof: "speaks-tls",
};

export default defineCause({
  id: "protocol-http-to-tls",
  title: "Plain HTTP sent to a TLS port",
  layer: "config",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "health", "live"],
  explainedBy: ["rule-wrong-target", "reference-missing"],
  about: `The backend setting speaks \`Http\` to a port on which TLS is spoken, 443 above all. The server takes the request for
a broken handshake and closes, or answers 400 ("plain HTTP request was sent to HTTPS port"), so probes fail and no
request gets through. The protocol of the setting, and of its probe, has to be \`Https\`. Live,
the answer is a TLS alert, or a handshake on the same port succeeds.`,
  find: (facets) =>
    wrongProtocols(plainToTls, facets).map(
      (decision): Decision<Match> =>
        decision.is === "found" ? { ...decision, match: withTrust(facets, decision.match) } : decision,
    ),
  trials: (facets, failing) => otherProtocolTrials(plainToTls, facets, failing),
  say: (match, affects): Statement => ({
    summary: `Backend setting ${match.setting.name} speaks plain HTTP to port ${match.setting.port} of ${serverNames(serversOf(affects))}, where TLS is ${match.shown === undefined ? "expected" : "spoken"}`,
    subjects: [settingSubject(match.setting)],
    evidence: protocolEvidence(match),
  }),
  fix: ({ gateway, setting, trust }): FixProposal => ({
    summary: `Set the protocol of backend setting ${setting.name}, and of its probe, to Https.${trust === undefined ? "" : ` ${trust.summary}`}`,
    changes: [...changeProtocol(gateway, setting, "Https"), ...(trust?.changes ?? [])],
    sideEffects: trust?.sideEffects ?? [
      gateway.generation === "v1"
        ? "The servers' certificates have to be attached to the setting as authentication certificates."
        : "The gateway then checks the servers' certificate: its issuer has to be trusted and its name has to fit.",
    ],
  }),
});

interface Match extends WrongProtocol {
  /** What lets the gateway accept the certificate that came back over TLS; undefined where nothing more is needed or known. */
  readonly trust: FixProposal | undefined;
}

/** A setting that spoke plain HTTP trusts nobody of its own: with TLS alone its servers would be refused next. */
function withTrust(facets: KnownFacets, match: WrongProtocol): Match {
  const { gateway, setting, otherwise } = match;
  if (otherwise === undefined || otherwise.outcome === "fine" || otherwise.passed.includes("tls")) {
    return { ...match, trust: undefined };
  }
  const [root] = rootsFor(facets, otherwise);
  return { ...match, trust: root && trustIn(gateway, setting, root) };
}
