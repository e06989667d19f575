import { describe, expect, test } from "vitest";
import { authority, certificate, host, intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls, type TlsScene } from "./support/tls-scene.ts";

const dayMs = 86_400_000;
const past = { notBeforeMs: Date.now() - 60 * dayMs, notAfterMs: Date.now() - 2 * dayMs };
const future = { notBeforeMs: Date.now() + 2 * dayMs, notAfterMs: Date.now() + 60 * dayMs };
const otherRoot = authority("Fabrikam Root");
const whole = sending(leaf, intermediate, root);
const expiredIntermediate = authority("Contoso Old", { issuer: root, ...past });
const selfSigned = certificate({});
const notAnAuthority = certificate({ commonName: "Contoso Not", issuer: root, ca: false });
const flaglessRoot = certificate({ commonName: "Contoso Flagless", names: [] });
const renewed = certificate({ issuer: intermediate });

interface Case extends TlsScene {
  readonly about: string;
  readonly cause: string;
  readonly certainty?: "proven" | "likely";
  /** Part of the summary: the certificate that is named. */
  readonly names?: string;
  /** What was changed in the experiment that helped; undefined = the chain itself is the proof. */
  readonly by?: string;
  readonly verified?: true;
  readonly absent?: readonly string[];
}

const cases: readonly Case[] = [
  {
    about: "the server's certificate has expired",
    server: sending(certificate({ issuer: intermediate, ...past }), intermediate, root),
    cause: "tls-expired",
    names: `server certificate CN=${host} (number 1 of 3 sent)`,
    by: "moment of judging",
  },
  {
    about: "the server's certificate is not valid yet",
    server: sending(certificate({ issuer: intermediate, ...future }), intermediate, root),
    cause: "tls-expired",
    names: "is not valid yet",
    by: "moment of judging",
  },
  {
    about: "an intermediate has expired",
    server: sending(certificate({ issuer: expiredIntermediate }), expiredIntermediate, root),
    cause: "tls-expired",
    names: "intermediate certificate CN=Contoso Old (number 2 of 3 sent)",
    by: "moment of judging",
  },
  {
    about: "a private authority whose root the server sends, and no root attached",
    server: whole,
    uploaded: {},
    cause: "tls-private-ca-no-root",
    names: "CN=Contoso Root",
    by: "trusted certificates",
    verified: true,
    absent: ["tls-intermediate-missing"],
  },
  {
    about: "a private authority whose root was uploaded and attached to nothing, and is not sent",
    server: sending(leaf, intermediate),
    uploaded: { root },
    attached: [],
    cause: "tls-private-ca-no-root",
    by: "trusted certificates",
    verified: true,
  },
  {
    about: "a private authority whose root nobody has: an intermediate more may be missing as well",
    server: sending(leaf, intermediate),
    uploaded: {},
    cause: "tls-private-ca-no-root",
    certainty: "likely",
  },
  {
    about: "another root is attached than the one the server sends",
    server: whole,
    uploaded: { fabrikam: otherRoot },
    cause: "tls-root-mismatch",
    names: "CN=Contoso Root",
    by: "trusted certificates",
    verified: true,
  },
  {
    about: "the root of another authority is attached, the right one was uploaded beside it",
    server: sending(leaf, intermediate),
    uploaded: { fabrikam: otherRoot, contoso: root },
    attached: ["fabrikam"],
    cause: "tls-root-mismatch",
    by: "trusted certificates",
    verified: true,
  },
  {
    about: "the intermediate is missing, and nobody else sends it",
    server: sending(leaf),
    cause: "tls-intermediate-missing",
    certainty: "likely",
    names: "CN=Contoso Issuing",
    absent: ["tls-root-mismatch"],
  },
  {
    about: "the intermediate is missing, and is known because it was uploaded",
    server: sending(leaf),
    uploaded: { root, intermediate },
    attached: ["root"],
    cause: "tls-intermediate-missing",
    by: "trusted certificates",
    absent: ["tls-root-mismatch"],
  },
  {
    about: "a root that signed the certificate itself is uploaded and not attached: not an intermediate",
    server: sending(certificate({ issuer: root })),
    uploaded: { root },
    attached: [],
    cause: "tls-private-ca-no-root",
    by: "trusted certificates",
    verified: true,
    absent: ["tls-intermediate-missing"],
  },
  {
    about: "authorities without the server's certificate",
    server: sending(intermediate, root),
    cause: "tls-leaf-missing",
    names: "CN=Contoso Issuing",
    absent: ["tls-order"],
  },
  {
    about: "the server's certificate behind its issuer",
    server: sending(intermediate, leaf, root),
    cause: "tls-order",
    names: `CN=${host} (number 2 of 3 sent)`,
    absent: ["tls-leaf-missing"],
  },
  {
    about: "a self-signed certificate that is no authority",
    server: sending(selfSigned),
    uploaded: {},
    cause: "tls-selfsigned-nonca",
    absent: ["tls-intermediate-missing", "tls-private-ca-no-root"],
  },
  {
    about: "a self-signed certificate that is no authority, uploaded as root",
    server: sending(selfSigned),
    uploaded: { own: selfSigned },
    cause: "tls-selfsigned-nonca",
    names: "trusted root own",
    absent: ["tls-intermediate-missing"],
  },
  {
    about: "a root that lacks the flag",
    server: sending(certificate({ issuer: flaglessRoot })),
    uploaded: { flagless: flaglessRoot },
    cause: "tls-root-not-ca",
    names: "flagless",
  },
  {
    about: "a certificate that was sent signs another and is no authority",
    server: sending(certificate({ issuer: notAnAuthority }), notAnAuthority, root),
    cause: "tls-verify-other",
    names: "CN=Contoso Not",
    absent: ["tls-root-not-ca"],
  },
  {
    about: "the server's certificate has expired, on layer 4",
    server: sending(certificate({ issuer: intermediate, ...past }), intermediate, root),
    layer4: true,
    cause: "tls-expired",
    by: "moment of judging",
  },
  {
    about: "a v1 gateway has another certificate of the server",
    server: sending(renewed, intermediate, root),
    v1: true,
    member: host,
    cause: "tls-v1-authcert",
    by: "trusted certificates",
    verified: true,
  },
  {
    about: "a v1 gateway has no certificate of the server",
    server: whole,
    v1: true,
    member: host,
    uploaded: {},
    cause: "tls-v1-authcert",
    verified: true,
  },
];

describe("certificates of a server, seen live", () => {
  test.each(cases)("$about: $cause", async ({ cause, certainty, names, by, verified, absent, ...scene }) => {
    const seen = await seeTls(scene);
    expect(seen.roots).toEqual([cause]);
    expect(seen.routes).toMatchObject([{ outcome: "fails" }]);
    const finding = seen.finding(cause);
    expect(finding.certainty).toBe(certainty ?? "proven");
    if (names !== undefined) expect(finding.summary).toContain(names);
    if (by !== undefined) expect(finding.experiments[0]).toMatchObject({ changed: by, helped: true });
    if (verified) expect(finding.fix).toMatchObject({ verified: true, reason: null });
    const all = seen.findings.map((one) => one.cause);
    for (const other of absent ?? []) expect(all).not.toContain(other);
    expect(finding.evidence.some(({ document }) => document.endsWith("observations.ndjson"))).toBe(true);
  });

  const healthy: readonly (TlsScene & { readonly about: string })[] = [
    { about: "the whole chain", server: whole },
    { about: "without the root, which need not be sent", server: sending(leaf, intermediate) },
    { about: "out of order behind the server's certificate", server: sending(leaf, root, intermediate) },
    { about: "with one certificate too many", server: sending(leaf, intermediate, otherRoot) },
    {
      about: "expired, while the setting checks neither chain nor dates",
      server: sending(certificate({ issuer: intermediate, ...past }), intermediate),
      setting: { validateCertChainAndExpiry: false },
    },
    { about: "the whole chain, on layer 4", server: whole, layer4: true },
    { about: "known to a v1 gateway, whatever the chain", server: sending(leaf), v1: true, member: host },
  ];

  test.each(healthy)("$about is nothing to complain of", async (scene) => {
    const seen = await seeTls(scene);
    expect(seen.roots).toEqual([]);
    expect(seen.code).toBe(0);
    expect(seen.routes).toMatchObject([{ outcome: "ok" }]);
  });

  test("an intermediate that another server of the pool sends is missing at this one alone", async () => {
    const seen = await seeTls({ server: sending(leaf), beside: [whole] });
    expect(seen.roots).toEqual(["tls-intermediate-missing"]);
    expect(seen.routes).toMatchObject([{ outcome: "degraded" }]);
    expect(seen.finding("tls-intermediate-missing")).toMatchObject({ certainty: "proven" });
  });

  test("two servers of one pool, each with another fault: neither hides the other", async () => {
    const seen = await seeTls({
      server: sending(certificate({ issuer: intermediate, ...past }), intermediate, root),
      beside: [sending(leaf)],
    });
    expect(seen.roots.toSorted()).toEqual(["tls-expired", "tls-intermediate-missing"]);
    expect(seen.routes).toMatchObject([{ outcome: "fails" }]);
  });

  test("roots of which only the name was exported: nothing is claimed", async () => {
    const seen = await seeTls({ server: whole, withoutData: true });
    expect(seen.roots).toEqual([]);
    expect(seen.routes).toMatchObject([{ outcome: "unknown" }]);
  });

  test("two faults of one chain: the first is the root, the other is told", async () => {
    const server = sending(certificate({ issuer: expiredIntermediate, ...past }), expiredIntermediate, root);
    const seen = await seeTls({ server, uploaded: {} });
    expect(seen.roots).toEqual(["tls-private-ca-no-root"]);
    const told = seen.finding("tls-private-ca-no-root").evidence.map(({ says }) => says);
    expect(told.filter((one) => one.includes("also refuses it because"))).toHaveLength(2);
  });
});
