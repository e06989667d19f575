import type { SecureVersion } from "node:tls";
import type { Gateway } from "../../model/gateway.ts";
import type { Source } from "../../model/source.ts";
import type { TlsPolicy } from "./prepared.ts";

const tls13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];

const forwardSecret = [
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES128-GCM-SHA256",
];

const forwardSecretCbc = [
  "ECDHE-ECDSA-AES256-SHA384",
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-RSA-AES256-SHA384",
  "ECDHE-RSA-AES128-SHA256",
];

const plainRsa = [
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-ECDSA-AES128-SHA",
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
  "AES256-SHA256",
  "AES128-SHA256",
  "AES256-SHA",
  "AES128-SHA",
];

interface Predefined {
  readonly maxVersion: SecureVersion;
  readonly ciphers: readonly string[];
}

/** request-handling.md §8.1. Those of 2015 and 2017 are retired, and served as what they were moved to: TLS 1.2 alone. */
const predefined: Readonly<Record<string, Predefined>> = {
  appgwsslpolicy20150501: {
    maxVersion: "TLSv1.2",
    ciphers: [...forwardSecret, ...forwardSecretCbc, ...plainRsa],
  },
  appgwsslpolicy20170401: {
    maxVersion: "TLSv1.2",
    ciphers: [...forwardSecret, ...forwardSecretCbc, ...plainRsa],
  },
  appgwsslpolicy20170401s: {
    maxVersion: "TLSv1.2",
    ciphers: [...forwardSecret, ...forwardSecretCbc, ...plainRsa],
  },
  appgwsslpolicy20220101: {
    maxVersion: "TLSv1.3",
    ciphers: [...tls13, ...forwardSecret, ...forwardSecretCbc],
  },
  appgwsslpolicy20220101s: { maxVersion: "TLSv1.3", ciphers: [...tls13, ...forwardSecret] },
};

/** A policy, and what of it cannot be served as it is written. */
export interface ReadPolicy {
  readonly policy: TlsPolicy;
  /** Names of ciphers that this machine's library does not have, or no policy of that name. */
  readonly unknown: readonly string[];
}

/** The policy of a gateway, or of an SSL profile that has one of its own (gateway-resource.md §4.9). */
export function tlsPolicyOf(gateway: Gateway, own: Source | undefined, known: readonly string[]): ReadPolicy {
  const written = own ?? gateway.source.object("sslPolicy");
  const type = written?.text("policyType")?.toLowerCase();
  if (written !== undefined && (type === "custom" || type === "customv2"))
    return custom(gateway, written, type, known);
  const byDefault = gateway.generation === "v1" ? "AppGwSslPolicy20170401S" : "AppGwSslPolicy20220101";
  const name = written?.text("policyName") ?? gateway.source.text("defaultPredefinedSslPolicy") ?? byDefault;
  const key = name.toLowerCase();
  const found = Object.hasOwn(predefined, key) ? predefined[key] : undefined;
  const used = found ??
    predefined[byDefault.toLowerCase()] ?? { maxVersion: "TLSv1.3", ciphers: forwardSecret };
  const maxVersion = gateway.generation === "v1" ? "TLSv1.2" : used.maxVersion;
  const policy = { name, minVersion: "TLSv1.2", maxVersion, ciphers: used.ciphers.join(":") } as const;
  return { policy, unknown: found === undefined ? [name] : [] };
}

/** `Custom` is TLS 1.2 alone; `CustomV2` always has the two suites of TLS 1.3 beside those it names. */
function custom(gateway: Gateway, written: Source, type: string, known: readonly string[]): ReadPolicy {
  const isV2 = type === "customv2" && gateway.generation === "v2";
  const wanted = written.texts("cipherSuites").map((suite) => ({ suite, name: openSslName(suite) }));
  const unknown = wanted.filter(({ name }) => !known.includes(name.toLowerCase())).map(({ suite }) => suite);
  const usable = wanted.map(({ name }) => name).filter((name) => known.includes(name.toLowerCase()));
  const of12 = usable.filter((name) => !name.startsWith("TLS_"));
  const is13Only = isV2 && /v1_3$/i.test(written.text("minProtocolVersion") ?? "");
  const ciphers = [...(isV2 ? tls13 : []), ...(of12.length > 0 ? of12 : forwardSecret)].join(":");
  return {
    policy: {
      name: isV2 ? "CustomV2" : "Custom",
      minVersion: is13Only ? "TLSv1.3" : "TLSv1.2",
      maxVersion: isV2 ? "TLSv1.3" : "TLSv1.2",
      ciphers,
    },
    unknown,
  };
}

/** `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384` → `ECDHE-RSA-AES256-GCM-SHA384`; names of TLS 1.3 are the same. */
export function openSslName(suite: string): string {
  const match = /^TLS_(?:(ECDHE|DHE)_)?(RSA|ECDSA|DSS)_WITH_(.+)$/i.exec(suite.trim());
  if (match === null) return suite.trim().toUpperCase();
  const [, exchange, authentication = "", rest = ""] = match;
  const cipher = rest
    .toUpperCase()
    .replace(/^3DES_EDE_CBC_SHA$/, "DES-CBC3-SHA")
    .replace(/^AES_(128|256)_CBC_/, "AES$1-")
    .replace(/^AES_(128|256)_GCM_/, "AES$1-GCM-")
    .replaceAll("_", "-");
  const keys = exchange === undefined ? "" : `${exchange.toUpperCase()}-${authentication.toUpperCase()}-`;
  return `${keys}${cipher}`;
}
