import { type ReadCertificate, readCertificate } from "../../../health/certificates/certificate.ts";
import { encodedCertificates } from "../../../health/certificates/encoded.ts";
import type { BackendSetting, Certificate, Gateway } from "../../../model/gateway.ts";
import { flipOf } from "../../experiment.ts";
import type { FixProposal } from "../../finding.ts";
import { attachRoots } from "./attached-roots.ts";
import { type KnownFacets, trustTrials } from "./known-certificates.ts";
import type { Reported, Sighting } from "./reported.ts";
import { uploadAndAttach } from "./upload-certificate.ts";

/** A root that makes the chain acceptable, as judging it again has shown. */
export interface FittingRoot {
  readonly certificate: ReadCertificate;
  /** Set when it was uploaded already. */
  readonly uploaded: Certificate | undefined;
}

/** The root (v1: the certificate) that would do for the chain that was seen; undefined when none is known. */
export function fittingRoot(facets: KnownFacets, { first: { exchange } }: Reported): FittingRoot | undefined {
  if (exchange === undefined) return undefined;
  const [der] = flipOf(facets.live, exchange, trustTrials(facets, exchange))?.reckoning?.trusting ?? [];
  const certificate = der && readCertificate(der);
  if (certificate === undefined) return undefined;
  return { certificate, uploaded: uploadedAs(facets.gateway, certificate) };
}

function uploadedAs(
  { trustedRootCertificates }: Gateway,
  { x509 }: ReadCertificate,
): Certificate | undefined {
  const { fingerprint256 } = x509;
  return trustedRootCertificates.find(({ data }) =>
    encodedCertificates(data ?? "").some(
      (one) => readCertificate(one)?.x509.fingerprint256 === fingerprint256,
    ),
  );
}

/** Lets a setting trust a certificate, whether it was uploaded already or not; nothing that was seen is judged with it. */
export function trustIn(
  gateway: Gateway,
  setting: BackendSetting,
  certificate: ReadCertificate,
): FixProposal {
  const uploaded = uploadedAs(gateway, certificate);
  return uploaded === undefined
    ? uploadAndAttach(gateway, setting, [certificate])
    : attachRoots(gateway, setting, [uploaded]);
}

/** Attaches a root that fits, beside those that are attached; the chain that was seen is judged with it. */
export function attachFitting(
  { gateway, pair }: Reported,
  { certificate, uploaded }: FittingRoot,
): FixProposal {
  if (uploaded === undefined) return uploadAndAttach(gateway, pair.setting, [certificate]);
  const present = pair.setting.trustedRootCertificates.flatMap(({ target }) => target ?? []);
  return attachRoots(gateway, pair.setting, [...present.filter((one) => one !== uploaded), uploaded]);
}

/** The name of the root that the chain leads to; undefined when no chain was seen. */
export function missingRoot({ exchange }: Sighting): string | undefined {
  const top = exchange?.chain?.path.at(-1);
  if (top === undefined) return undefined;
  return top.issuer === top.subject ? top.subject : `${top.issuer}, which stands above ${top.subject},`;
}
