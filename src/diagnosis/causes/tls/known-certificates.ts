import {
  type ReadCertificate,
  readCertificate,
  shownName,
} from "../../../health/certificates/certificate.ts";
import { encodedCertificates } from "../../../health/certificates/encoded.ts";
import type { Reckoning, Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Failing, Live } from "../../live-evidence.ts";

/** What is read to know which certificates there are. */
export type KnownFacets = Pick<Facets, "gateway" | "live">;

/** Certificates of authorities that are looked at, of all chains and uploads together. */
const knownLimit = 64;
const tried = 3;

/**
 * The same answer as if a root were trusted: the one at the end of the chain, one that was uploaded, or one that another
 * server sends. On v1: the server's certificate itself.
 */
export function trustTrials(facets: KnownFacets, failing: Failing): readonly Trial[] {
  const attached = attachedCount(facets, failing) > 0;
  const from = attached ? "those of the setting" : "none of the setting's own";
  return rootsFor(facets, failing)
    .slice(0, tried)
    .map((one) => {
      const to = `${attached ? "those and " : ""}${shownName(one.subject)}`;
      return reckoned(failing, from, to, { trusting: [one.x509.raw] });
    });
}

/** The same answer as if the server had also sent an intermediate that is known from elsewhere. */
export function addingTrials(facets: KnownFacets, failing: Failing): readonly Trial[] {
  const top = failing.chain?.path.at(-1);
  if (top === undefined) return [];
  return authorities(facets)
    .filter((one) => !one.selfSigned && shownName(one.subject) === top.issuer)
    .slice(0, tried)
    .map((one) =>
      reckoned(failing, "as the server sends them", `with ${shownName(one.subject)}`, {
        adding: withIssuers(facets, one),
      }),
    );
}

/** Roots (v1: the server's certificate) that could be what the chain needs. */
export function rootsFor(facets: KnownFacets, { chain, observation }: Failing): readonly ReadCertificate[] {
  const top = chain?.path.at(-1);
  if (top === undefined) return [];
  if (facets.gateway.generation === "v1") {
    const leaf = readCertificate(Buffer.from(observation.tls?.chain?.[0]?.derBase64 ?? "", "base64"));
    return leaf === undefined ? [] : [leaf];
  }
  const isTop = (one: ReadCertificate): boolean => one.x509.fingerprint256 === top.sha256;
  const roots = authorities(facets).filter((one) => one.selfSigned);
  return roots.filter((one) => isTop(one) || shownName(one.subject) === top.issuer);
}

function reckoned(failing: Failing, from: string, to: string, reckoning: Reckoning): Trial {
  return {
    what: "trusted certificates",
    from,
    to,
    plan: failing.plan,
    reckoning,
    proof: "later",
    risk: "safe",
    costMs: 0,
  };
}

function attachedCount({ gateway }: KnownFacets, { server }: Failing): number {
  const { trustedRootCertificates, authenticationCertificates } = server.pair.setting;
  return (gateway.generation === "v1" ? authenticationCertificates : trustedRootCertificates).length;
}

/** An intermediate, and those above it that are known. */
function withIssuers(facets: KnownFacets, first: ReadCertificate): readonly Buffer[] {
  const chain = [first];
  for (let top: ReadCertificate | undefined = first; top !== undefined && chain.length < 4; ) {
    const below: ReadCertificate = top;
    top = authorities(facets).find(
      (one) => !one.selfSigned && one.subject === below.issuer && !chain.includes(one),
    );
    if (top !== undefined) chain.push(top);
  }
  return chain.map(({ x509 }) => x509.raw);
}

const remembered = new WeakMap<Live, readonly ReadCertificate[]>();

/** The certificates of authorities that were uploaded or sent by any server, each once. */
function authorities({ gateway, live }: KnownFacets): readonly ReadCertificate[] {
  const known = remembered.get(live);
  if (known !== undefined) return known;
  const encoded = new Map<string, Buffer | string>();
  for (const { data } of gateway.trustedRootCertificates) {
    for (const one of encodedCertificates(data ?? "")) {
      encoded.set(typeof one === "string" ? one : one.toString("base64"), one);
    }
  }
  for (const { observation } of [...live.probes, ...live.requests]) {
    for (const { derBase64 } of observation.tls?.chain ?? []) {
      if (encoded.size < knownLimit * 4) encoded.set(derBase64, Buffer.from(derBase64, "base64"));
    }
  }
  const read = [...encoded.values()].flatMap((one) => readCertificate(one) ?? []);
  const distinct = new Map(read.map((one) => [one.x509.fingerprint256, one]));
  const found = [...distinct.values()].filter(({ isCa }) => isCa).slice(0, knownLimit);
  if (live.tried) remembered.set(live, found);
  return found;
}
