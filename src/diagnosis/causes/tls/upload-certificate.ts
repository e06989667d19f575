import { type ReadCertificate, shownName } from "../../../health/certificates/certificate.ts";
import type { Change } from "../../../model/change.ts";
import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { FixProposal } from "../../finding.ts";
import { listed, partId } from "../../statements.ts";

/** Where a gateway keeps what it trusts servers by: v1 the servers' certificates themselves, v2 roots. */
type TrustCollection = "trustedRootCertificates" | "authenticationCertificates";

/** Uploads certificates that were seen in chains, and attaches them to the setting beside what is there. */
export function uploadAndAttach(
  gateway: Gateway,
  setting: BackendSetting,
  certificates: readonly ReadCertificate[],
): FixProposal {
  const v1 = gateway.generation === "v1";
  const collection = v1 ? "authenticationCertificates" : "trustedRootCertificates";
  const names = freeNames(gateway, collection, certificates);
  const idOf = (name: string): string => `${gateway.id}/${collection}/${name}`;
  const present = setting[collection].map((one) => ({
    id: one.target === undefined ? one.id : partId(gateway, collection, one.target),
  }));
  const uploads = certificates.map((certificate, index): Change => {
    const name = names[index] ?? "";
    const data = certificate.x509.raw.toString("base64");
    return { action: "add", resourceId: gateway.id, list: collection, value: { name, id: idOf(name), data } };
  });
  const attach: Change = {
    action: "set",
    resourceId: partId(gateway, setting.collection, setting),
    path: collection,
    value: [...present, ...names.map((name) => ({ id: idOf(name) }))],
  };
  const subjects = listed(certificates.map(({ subject }) => shownName(subject)));
  const beside = present.length > 0 ? " beside what is attached" : "";
  return {
    summary: `Upload ${subjects} as ${v1 ? "authentication certificate" : "trusted root"} and attach it to backend setting ${setting.name}${beside}.`,
    changes: [...uploads, attach],
    sideEffects: [
      ...certificates.map(
        ({ subject, x509 }) =>
          `Whoever holds the key of ${shownName(subject)} is then trusted as a server of ${setting.name}. It was taken from what was sent: compare its fingerprint (SHA-256 ${x509.fingerprint256}) with its owner's first.`,
      ),
      ...(v1 || present.length > 0
        ? []
        : [`Every server reached through ${setting.name} must then have a certificate below it.`]),
    ],
  };
}

function freeNames(
  gateway: Gateway,
  collection: TrustCollection,
  certificates: readonly ReadCertificate[],
): readonly string[] {
  const taken = new Set(gateway[collection].map(({ name }) => name.toLowerCase()));
  return certificates.map(({ subject }) => {
    const common = /(?:^|\n)CN=(.+)/.exec(subject)?.[1] ?? subject;
    const slug = common
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60);
    const wanted = slug === "" ? "backend-certificate" : slug;
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
    taken.add(name);
    return name;
  });
}
