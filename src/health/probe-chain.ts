import type { BackendSetting, Certificate, Generation } from "../model/gateway.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import type { Reference } from "../model/resource.ts";
import { readCertificate } from "./certificates/certificate.ts";
import { encodedCertificates } from "./certificates/encoded.ts";
import { type ChainJudgement, judgeChain } from "./certificates/judge.ts";
import type { TrustStore } from "./certificates/trust-store.ts";

/** What the gateway holds a server's certificates against. */
export interface ProbeTrust {
  readonly generation: Generation;
  readonly setting: BackendSetting;
  readonly wellKnownRoots: TrustStore;
  /** The server is a service of Azure's own, known by its name. */
  readonly azureService: boolean;
  /** For judging what would be: each value stands in for the real one. */
  readonly asIf?: ChainAsIf | undefined;
}

/** A world in which one thing about a chain is otherwise. */
export interface ChainAsIf {
  readonly atMs?: number;
  /** Null = no name is checked. */
  readonly name?: string | null;
  /** DER; trusted beside those of the setting. */
  readonly trusting?: readonly Buffer[];
  /** DER; as if the server had sent them last. */
  readonly adding?: readonly Buffer[];
}

export interface JudgedChain extends ChainJudgement {
  /** A certificate the setting names is not among the documents, or cannot be read: it may be the one that fits. */
  readonly trustUnknown: boolean;
}

/** Judges the chain a probe was sent; undefined when the handshake was not completed. */
export function judgeProbeChain(
  { sent, tls, startedAtMs }: ProbeObservation,
  { generation, setting, wellKnownRoots, azureService, asIf }: ProbeTrust,
): JudgedChain | undefined {
  if (tls?.outcome !== "established" || tls.chain === undefined) return undefined;
  const trustedRoots = setting.trustedRootCertificates.map(uploaded);
  const authenticationCertificates = setting.authenticationCertificates.map(uploaded);
  const decisive = generation === "v1" ? authenticationCertificates : trustedRoots;
  const judgement = judgeChain({
    generation,
    chain: [...tls.chain.map(({ derBase64 }) => Buffer.from(derBase64, "base64")), ...(asIf?.adding ?? [])],
    name: asIf?.name === undefined ? sent.sni : (asIf.name ?? undefined),
    nameChecked: setting.validateSni,
    chainChecked: setting.validateCertChainAndExpiry,
    trustedRoots: [...trustedRoots.flat(), ...(asIf?.trusting ?? [])],
    wellKnownRoots,
    authenticationCertificates: [...authenticationCertificates.flat(), ...(asIf?.trusting ?? [])],
    azureService,
    nowMs: asIf?.atMs ?? startedAtMs,
  });
  return { ...judgement, trustUnknown: decisive.some(({ length }) => length === 0) };
}

/** Empty when there is nothing that can be read. */
function uploaded({ target }: Reference<Certificate>): (Buffer | string)[] {
  return encodedCertificates(target?.data ?? "").filter((one) => readCertificate(one) !== undefined);
}
