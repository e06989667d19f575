import type { BackendSetting, Certificate, Gateway } from "../../../model/gateway.ts";
import type { Reference } from "../../../model/resource.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { Certificates, Facets, ParsedCertificate } from "../../facets.ts";
import type { FixProposal } from "../../finding.ts";
import { groupedBy, listed, partId } from "../../statements.ts";

/** A trusted root (v1: authentication certificate) of a setting that could be read. */
export interface AttachedCertificate {
  readonly certificate: Certificate;
  readonly parsed: readonly ParsedCertificate[];
}

/** What is attached, each with what is in it; undefined when one of them was not exported or cannot be read. */
export function attached(
  references: readonly Reference<Certificate>[],
  certificates: Certificates,
): readonly AttachedCertificate[] | undefined {
  const all = references.map(
    ({ target }) => target && { certificate: target, parsed: certificates.read(target) },
  );
  const readable = all.filter((one) => one !== undefined && one.parsed.length > 0);
  return readable.length === all.length ? readable.flatMap((one) => one ?? []) : undefined;
}

export interface CheckedSetting {
  readonly setting: BackendSetting;
  readonly pairs: readonly Pair[];
  readonly roots: readonly AttachedCertificate[];
}

/** Settings in use on v2 whose chain is checked against attached roots, all of which could be read. */
export function checkedSettings({
  gateway,
  wiring,
  certificates,
}: Pick<Facets, "gateway" | "wiring" | "certificates">): CheckedSetting[] {
  if (gateway.generation !== "v2") return [];
  return groupedBy(wiring.pairs, ({ setting }) => `${setting.collection}/${setting.name}`).flatMap(
    ([, pairs]) => {
      const [{ setting }] = pairs as [Pair];
      const encrypted = setting.protocol === "Https" || setting.protocol === "Tls";
      if (!encrypted || !setting.validateCertChainAndExpiry) return [];
      const roots = attached(setting.trustedRootCertificates, certificates) ?? [];
      return roots.length === 0 ? [] : [{ setting, pairs, roots }];
    },
  );
}

/** Roots somebody uploaded and attached to nothing: the ones that wait to be used. */
export function unusedRoots(
  gateway: Gateway,
  certificates: Certificates,
  nowMs: number,
): readonly AttachedCertificate[] {
  const used = new Set(
    gateway.settings.flatMap(({ trustedRootCertificates }) =>
      trustedRootCertificates.flatMap(({ target }) => target ?? []),
    ),
  );
  return gateway.trustedRootCertificates
    .filter((certificate) => !used.has(certificate))
    .map((certificate) => ({ certificate, parsed: certificates.read(certificate) }))
    .filter(({ parsed }) => parsed.some((one) => one.isCa && isValidAt(one, nowMs)));
}

export function isValidAt({ notBeforeMs, notAfterMs }: ParsedCertificate, nowMs: number): boolean {
  return notBeforeMs <= nowMs && nowMs <= notAfterMs;
}

export const onlyProbeShows =
  "the server's certificate is not in the documents: only a new probe shows whether these roots signed it";

/** Attaches exactly these roots to a setting. */
export function attachRoots(
  gateway: Gateway,
  setting: BackendSetting,
  roots: readonly Certificate[],
): Omit<FixProposal, "notVerifiable"> {
  const names = listed(roots.map(({ name }) => name));
  const dropped = setting.trustedRootCertificates.flatMap(({ target }) =>
    target === undefined || roots.includes(target) ? [] : [target.name],
  );
  return {
    summary: `Attach trusted root ${names} to backend setting ${setting.name}${dropped.length > 0 ? ` in place of ${listed(dropped)}` : ""}.`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "trustedRootCertificates",
        value: roots.map((root) => ({ id: partId(gateway, "trustedRootCertificates", root) })),
      },
    ],
    sideEffects: [
      `Every server reached through ${setting.name} must then have a certificate below ${names}.`,
    ],
  };
}
