import { firstBytes, isHttp1 } from "../../../health/first-bytes.ts";
import { defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { changeProtocol, setOnSetting } from "./change-setting.ts";
import {
  otherProtocolTrials,
  protocolEvidence,
  type Wrong,
  type WrongProtocol,
  wrongProtocols,
} from "./wrong-protocol.ts";

/** How handshakes end with a server that takes them for broken requests. */
const handshakeEnds: ReadonlySet<Failing["kind"]> = new Set([
  "tls-not-tls",
  "tls-cut",
  "tls-timed-out",
  "tls-failed",
]);

const tlsToPlain: Wrong = {
  has: "Https",
  certain: new Set([80]),
  unusual: new Set([81, 3000, 5000, 8000, 8080, 8888]),
  fails: ({ message, live }) =>
    live === undefined
      ? message.phase === "tcp" || (message.key === "verify" && message.verifyError === undefined)
      : handshakeEnds.has(live.kind),
  endsSo: ({ kind }) => handshakeEnds.has(kind),
  answersSo: ({ kind, observation }) => kind === "tls-not-tls" && isHttp1(firstBytes(observation) ?? ""),
  // An answer with an error may be that of a TLS port to plain text.
  proof: "fine",
};

export default defineCause({
  id: "protocol-tls-to-http",
  title: "TLS spoken to a plain HTTP port",
  layer: "config",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "health", "live"],
  explainedBy: ["rule-wrong-target", "reference-missing"],
  about: `The backend setting speaks \`Https\` to a port that serves plain HTTP, 80 above all. The server takes the handshake
for a broken request; the gateway sees no TLS and marks it down, with a message about the certificate or the connection
that misleads. Either the port is wrong (443 was meant), or the protocol, or TLS was never switched on at the server. Live,
an HTTP answer comes back to the handshake, or the same question without TLS is answered on the same port.`,
  find: (facets) => wrongProtocols(tlsToPlain, facets),
  trials: (facets, failing) => otherProtocolTrials(tlsToPlain, facets, failing),
  say: (match, affects): Statement => ({
    summary: `Backend setting ${match.setting.name} speaks TLS to port ${match.setting.port} of ${serverNames(serversOf(affects))}, ${match.shown === undefined ? "a port for" : "which answers in"} plain HTTP`,
    subjects: [settingSubject(match.setting)],
    evidence: protocolEvidence(match),
  }),
  fix: (match): FixProposal => {
    const { gateway, setting } = match;
    if (wantsTls(match)) {
      return {
        summary: `Set the port of backend setting ${setting.name} to 443.`,
        changes: [setOnSetting(gateway, setting, "port", 443)],
        sideEffects: ["The servers have to listen on 443 with a certificate the gateway accepts."],
      };
    }
    return {
      summary: `Set the protocol of backend setting ${setting.name}, and of its probe, to Http.`,
      changes: changeProtocol(gateway, setting, "Http"),
      sideEffects: [
        "Nothing is encrypted between the gateway and the servers; to keep that, let the servers speak TLS and change the port instead.",
      ],
    };
  },
});

/** Something in the configuration says that TLS was meant; then the port is what is wrong. */
function wantsTls({ setting, servers, seen, shown }: WrongProtocol): boolean {
  if (seen !== undefined || shown !== undefined || setting.port !== 80) return false;
  return (
    setting.trustedRootCertificates.length > 0 ||
    setting.authenticationCertificates.length > 0 ||
    setting.sniName !== undefined ||
    servers.every(({ member }) => member.kind === "fqdn")
  );
}
