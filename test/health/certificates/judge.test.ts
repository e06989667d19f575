import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChainToJudge, judgeChain } from "../../../src/health/certificates/judge.ts";
import { TrustStore } from "../../../src/health/certificates/trust-store.ts";
import { dayMs, makeCertificate, type TestCertificate, testNowMs } from "../../support/certificates.ts";

const name = "shop.contoso.example";
const root = makeCertificate({ commonName: "Contoso Root", ca: true });
const policy = makeCertificate({ commonName: "Contoso Policy", ca: true, issuer: root });
const issuing = makeCertificate({ commonName: "Contoso Issuing", ca: true, issuer: policy });
const leaf = makeCertificate({ commonName: name, names: [name], ca: false, issuer: issuing });
const direct = makeCertificate({ commonName: name, names: [name], ca: false, issuer: root });
const otherRoot = makeCertificate({ commonName: "Fabrikam Root", ca: true });
/** The CA was made anew under its old name: another key. */
const rotatedRoot = makeCertificate({ commonName: "Contoso Root", ca: true });

const noRoots = new TrustStore([]);
const past = { notBeforeMs: testNowMs - 90 * dayMs, notAfterMs: testNowMs - dayMs };
const future = { notBeforeMs: testNowMs + dayMs, notAfterMs: testNowMs + 90 * dayMs };

interface Wish extends Partial<Omit<ChainToJudge, "chain" | "trustedRoots" | "authenticationCertificates">> {
  readonly roots?: readonly TestCertificate[];
  readonly authentication?: readonly TestCertificate[];
}

function judge(chain: readonly TestCertificate[], { roots, authentication, ...wish }: Wish = {}) {
  return judgeChain({
    generation: "v2",
    chain: chain.map(({ der }) => der),
    name,
    nameChecked: true,
    chainChecked: true,
    trustedRoots: (roots ?? []).map(({ der }) => der),
    wellKnownRoots: noRoots,
    authenticationCertificates: (authentication ?? []).map(({ der }) => der),
    azureService: false,
    nowMs: testNowMs,
    ...wish,
  });
}

/** The kinds of the faults, each with the certificate it is about. */
function kinds(chain: readonly TestCertificate[], wish: Wish = {}): string[] {
  return judge(chain, wish).faults.map(({ kind, about }) =>
    about === undefined ? kind : `${kind} ${about.from} ${about.index}`,
  );
}

describe("chains that are accepted", () => {
  test.each([
    ["the whole chain", [leaf, issuing, policy, root], { roots: [root] }],
    ["without the root", [leaf, issuing, policy], { roots: [root] }],
    ["two tiers, the leaf alone", [direct], { roots: [root] }],
    ["one of several roots", [leaf, issuing, policy], { roots: [otherRoot, rotatedRoot, root] }],
    ["a well-known root", [leaf, issuing, policy], { wellKnownRoots: new TrustStore([root.pem]) }],
    ["strangers beside it", [leaf, otherRoot, issuing, policy, otherRoot], { roots: [root] }],
    ["no name was sent", [leaf, issuing, policy], { roots: [root], name: undefined }],
  ] as const)("%s", (_, chain, wish) => {
    const { faults, message, anchor } = judge(chain, wish);
    expect(faults).toEqual([]);
    expect(message).toBeUndefined();
    expect(anchor).toBe("wellKnownRoots" in wish ? "well-known" : "uploaded");
  });

  test("a self-signed CA certificate that is its own server's, uploaded as root", () => {
    const own = makeCertificate({ commonName: name, names: [name], ca: true });
    expect(kinds([own], { roots: [own] })).toEqual([]);
    expect(judge([own])).toMatchObject({ faults: [{ kind: "private-ca-no-root" }], message: "unknown-ca" });
  });

  test("a root of version 1, which cannot say that it is a CA", () => {
    const old = makeCertificate({ commonName: "Old Root", version1: true });
    const below = makeCertificate({ commonName: name, names: [name], issuer: old });
    expect(kinds([below, old], { roots: [old] })).toEqual([]);
  });

  test("an expired cross-signed intermediate beside a good chain", () => {
    const crossed = makeCertificate({
      commonName: "Contoso Policy",
      ca: true,
      issuer: otherRoot,
      keyOf: policy,
      ...past,
    });
    for (const chain of [
      [leaf, issuing, crossed, policy],
      [leaf, issuing, policy, crossed],
    ]) {
      expect(kinds(chain, { roots: [root] })).toEqual([]);
    }
  });

  test("a cross-signed root that is sent, while its own form is trusted", () => {
    const crossed = makeCertificate({
      commonName: "Contoso Root",
      ca: true,
      issuer: otherRoot,
      keyOf: root,
      ...past,
    });
    expect(kinds([leaf, issuing, policy, crossed], { roots: [root] })).toEqual([]);
  });

  test("a way that leads nowhere is given up for one that leads to a root", () => {
    const crossed = makeCertificate({
      commonName: "Contoso Policy",
      ca: true,
      issuer: otherRoot,
      keyOf: policy,
    });
    expect(kinds([leaf, issuing, crossed, otherRoot, policy], { roots: [root] })).toEqual([]);
  });
});

describe("trust", () => {
  test.each([
    [
      "private CA, root sent, none uploaded",
      [leaf, issuing, policy, root],
      [],
      "private-ca-no-root",
      3,
      "unknown-ca-int",
      [],
    ],
    ["the same with two tiers", [direct, root], [], "private-ca-no-root", 1, "unknown-ca", []],
    [
      "root not sent, none uploaded",
      [leaf, issuing, policy],
      [],
      "private-ca-no-root",
      2,
      "unknown-ca-int",
      ["intermediate-missing"],
    ],
    [
      "wrong root, root sent",
      [leaf, issuing, policy, root],
      [otherRoot],
      "wrong-root",
      3,
      "root-mismatch",
      [],
    ],
    [
      "wrong root, root not sent",
      [leaf, issuing, policy],
      [otherRoot],
      "wrong-root",
      2,
      "root-mismatch-int",
      ["intermediate-missing"],
    ],
    ["the CA's old key", [leaf, issuing, policy], [rotatedRoot], "wrong-root", 2, "root-mismatch-int", []],
    ["the CA's old key, two tiers", [direct], [rotatedRoot], "wrong-root", 0, "root-mismatch", []],
    ["no intermediate", [leaf], [root], "intermediate-missing", 0, "no-intermediate", ["wrong-root"]],
    [
      "no intermediate and no root",
      [leaf],
      [],
      "intermediate-missing",
      0,
      "no-intermediate",
      ["private-ca-no-root"],
    ],
    ["no intermediate, but the root", [leaf, root], [root], "intermediate-missing", 0, "no-intermediate", []],
    [
      "one of two intermediates",
      [leaf, issuing],
      [root],
      "wrong-root",
      1,
      "root-mismatch-int",
      ["intermediate-missing"],
    ],
  ] as const)("%s", (_, chain, roots, kind, index, message, rivals) => {
    const { faults, anchor } = judge(chain, { roots });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      kind,
      message,
      rivals,
      enforced: true,
      about: { from: "sent", index },
    });
    expect(anchor).toBeUndefined();
  });

  test("an intermediate uploaded in the place of the root", () => {
    const { faults, message } = judge([leaf, issuing], { roots: [policy] });
    expect(faults).toMatchObject([{ kind: "wrong-root", about: { from: "uploaded", index: 0 }, rivals: [] }]);
    expect(message).toBe("root-mismatch-int");
  });

  test("self-signed and no CA, even if uploaded", () => {
    const own = makeCertificate({ commonName: name, names: [name], ca: false });
    const silent = makeCertificate({ commonName: name, names: [name] });
    for (const [one, roots] of [
      [own, []],
      [own, [own]],
      [silent, [silent]],
    ] as const) {
      const { faults, message } = judge([one], { roots });
      expect(faults).toMatchObject([{ kind: "self-signed-not-ca", position: "leaf" }]);
      expect(message).toBe("no-intermediate");
    }
  });

  test("a signer without the CA flag, sent or uploaded", () => {
    const signer = makeCertificate({ commonName: "No CA", ca: false, issuer: root });
    const below = makeCertificate({ commonName: name, names: [name], issuer: signer });
    expect(judge([below, signer], { roots: [root] })).toMatchObject({
      faults: [{ kind: "issuer-not-ca", position: "intermediate", about: { index: 1 } }],
      message: "verify",
    });
    const lame = makeCertificate({ commonName: "Lame Root", ca: false });
    const under = makeCertificate({ commonName: name, names: [name], issuer: lame });
    expect(kinds([under], { roots: [lame] })).toEqual(["issuer-not-ca uploaded 0"]);
  });
});

describe("what the leaf is for", () => {
  const [servers, clients, anything] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];
  const meant = (...uses: string[]) =>
    makeCertificate({ commonName: name, names: [name], issuer: root, uses });

  test("clients alone: the number that OpenSSL has for it is in the message", () => {
    expect(judge([meant(clients)], { roots: [root] })).toMatchObject({
      faults: [{ kind: "not-for-servers", position: "leaf", enforced: true }],
      message: "verify",
    });
  });

  test.each([[[servers]], [[clients, servers]], [[anything]]])("servers too: %j", (uses) => {
    expect(kinds([meant(...uses)], { roots: [root] })).toEqual([]);
  });

  test("with the check of chains off, and on v1, it does not count", () => {
    const own = meant(clients);
    const { faults, message } = judge([own], { roots: [root], chainChecked: false });
    expect(faults).toMatchObject([{ kind: "not-for-servers", enforced: false }]);
    expect(message).toBeUndefined();
    expect(kinds([own], { generation: "v1", authentication: [own] })).toEqual([]);
  });
});

describe("order", () => {
  test("the leaf is not first", () => {
    const { faults, message } = judge([root, policy, issuing, leaf], { roots: [root] });
    expect(faults[0]).toMatchObject({ kind: "leaf-not-first", about: { index: 3 }, position: "leaf" });
    expect(message).toBe("leaf-order");
  });

  test("the leaf is missing", () => {
    const { faults, message, names } = judge([issuing, policy, root], { roots: [root] });
    expect(faults).toMatchObject([{ kind: "leaf-missing", about: { index: 0 } }]);
    expect(message).toBe("no-leaf");
    expect(names).toEqual([]);
    expect(judge([])).toMatchObject({
      faults: [{ kind: "leaf-missing", about: undefined }],
      message: "no-leaf",
    });
  });

  test("a CA certificate that serves as leaf is one, whatever its name", () => {
    const server = makeCertificate({ commonName: "x", names: [name], ca: true, issuer: issuing });
    expect(kinds([server, issuing, policy], { roots: [root] })).toEqual([]);
    const other = { roots: [root], name: "other.example" };
    expect(kinds([server, issuing, policy], other)).toEqual(["name-mismatch sent 0"]);
    expect(kinds([server, leaf, issuing, policy], other)).toContain("leaf-not-first sent 1");
  });

  test("what follows the leaf may stand in any order, and it is said", () => {
    const { faults, message } = judge([leaf, root, policy, issuing], { roots: [root] });
    expect(faults).toMatchObject([{ kind: "order-after-leaf", enforced: false, message: undefined }]);
    expect(message).toBeUndefined();
  });

  test("however they are ordered, the way is found", () => {
    const all = [leaf, issuing, policy, root];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 4 }), (chain) => {
        const found = judge(chain, { roots: [root] });
        expect(found.anchor).toBe("uploaded");
        expect(found.path.map(({ from }) => from).slice(0, 3)).toEqual(["sent", "sent", "sent"]);
        const late = found.faults.some(({ kind }) => kind === "leaf-not-first");
        expect(late).toBe(chain[0] !== leaf);
      }),
    );
  });
});

describe("dates", () => {
  const aged = (dates: typeof past) =>
    makeCertificate({ commonName: name, names: [name], issuer: issuing, ...dates });
  const agedIssuing = (dates: typeof past) =>
    makeCertificate({ commonName: "Contoso Issuing", ca: true, issuer: policy, keyOf: issuing, ...dates });
  const agedRoot = makeCertificate({ commonName: "Contoso Root", ca: true, keyOf: root, ...past });

  test.each([
    ["an expired leaf", [aged(past), issuing, policy], [root], "expired", "leaf"],
    ["a leaf not yet valid", [aged(future), issuing, policy], [root], "not-yet-valid", "leaf"],
    ["an expired intermediate", [leaf, agedIssuing(past), policy], [root], "expired", "intermediate"],
    [
      "an intermediate not yet valid",
      [leaf, agedIssuing(future), policy],
      [root],
      "not-yet-valid",
      "intermediate",
    ],
    ["an expired root", [leaf, issuing, policy], [agedRoot], "expired", "root"],
  ] as const)("%s", (_, chain, roots, kind, position) => {
    const { faults, message } = judge(chain, { roots });
    expect(faults).toMatchObject([{ kind, position, message: "expired", enforced: true }]);
    expect(message).toBe("expired");
  });

  test("to the second", () => {
    const short = aged({ notBeforeMs: testNowMs, notAfterMs: testNowMs + 1000 });
    const at = (nowMs: number) => kinds([short, issuing, policy], { roots: [root], nowMs });
    expect(at(testNowMs - 1000)).toEqual(["not-yet-valid sent 0"]);
    expect(at(testNowMs)).toEqual([]);
    expect(at(testNowMs + 1000)).toEqual([]);
    expect(at(testNowMs + 2000)).toEqual(["expired sent 0"]);
  });

  test("beyond the year 2050", () => {
    const long = aged({ notBeforeMs: testNowMs, notAfterMs: Date.UTC(9999, 11, 31) });
    expect(kinds([long, issuing, policy], { roots: [root] })).toEqual([]);
  });
});

describe("several at once, and the switches", () => {
  const bad = makeCertificate({ commonName: "x", names: ["other.example"], issuer: issuing, ...past });

  test("every fault is reported by itself; the message is that of the first", () => {
    expect(kinds([bad, issuing, policy], { roots: [otherRoot] })).toEqual([
      "wrong-root sent 2",
      "expired sent 0",
      "name-mismatch sent 0",
    ]);
  });

  test("what the setting does not check is not enforced", () => {
    const enforced = (wish: Wish): string[] =>
      judge([bad, issuing, policy], wish)
        .faults.filter((one) => one.enforced)
        .map(({ kind }) => kind);
    expect(enforced({ chainChecked: false })).toEqual(["name-mismatch"]);
    expect(enforced({ nameChecked: false })).toEqual(["private-ca-no-root", "expired"]);
    expect(enforced({ nameChecked: false, chainChecked: false })).toEqual([]);
    expect(judge([bad], { chainChecked: false }).message).toBe("cn-v2");
    expect(judge([bad], { chainChecked: false, nameChecked: false }).message).toBeUndefined();
  });
});

describe("v1", () => {
  const v1 = { generation: "v1" } as const;

  test("the leaf must be one of the authentication certificates", () => {
    expect(kinds([leaf], { ...v1, authentication: [otherRoot, leaf] })).toEqual([]);
    const renewed = makeCertificate({ commonName: name, names: [name], issuer: issuing, keyOf: leaf });
    for (const authentication of [[], [renewed], [root]]) {
      expect(judge([leaf, issuing, policy, root], { ...v1, authentication })).toMatchObject({
        faults: [{ kind: "not-an-authentication-certificate", position: "leaf" }],
        message: "v1-cert",
      });
    }
  });

  test("services of Azure need none; roots of v2 say nothing here", () => {
    expect(kinds([leaf], { ...v1, azureService: true })).toEqual([]);
    expect(kinds([leaf], { ...v1, roots: [root] })).toEqual(["not-an-authentication-certificate sent 0"]);
  });

  test("dates and name of the leaf", () => {
    const old = makeCertificate({ commonName: "other.example", ...past });
    expect(judge([old], { ...v1, authentication: [old] })).toMatchObject({
      faults: [
        { kind: "expired", message: "expired" },
        { kind: "name-mismatch", message: "cn-old" },
      ],
    });
    expect(judge([], v1).message).toBe("no-leaf");
  });
});

describe("hostile chains", () => {
  test("bytes that are no certificate", () => {
    const noise = { ...leaf, der: Buffer.from("no certificate") };
    expect(judge([noise, issuing])).toMatchObject({ faults: [{ kind: "unreadable" }], unreadableAt: [0] });
    const later = judge([leaf, noise, issuing, policy], { roots: [root] });
    expect(later).toMatchObject({ faults: [{ kind: "unreadable" }], unreadableAt: [1], anchor: "uploaded" });
  });

  test("damaged certificates never throw and never gain trust", () => {
    const at = fc.integer({ min: 0, max: leaf.der.length - 1 });
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), fc.boolean(), (place, flip, shorten) => {
        const bytes = Buffer.from(leaf.der);
        bytes.writeUInt8(bytes.readUInt8(place) ^ flip, place);
        const der = shorten ? bytes.subarray(0, place) : bytes;
        expect(judge([{ ...leaf, der }, issuing, policy], { roots: [root] }).anchor).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("certificates that issue each other in circles and in crowds", () => {
    const one = makeCertificate({ commonName: "One", ca: true });
    const two = makeCertificate({ commonName: "Two", ca: true, issuer: one });
    const back = makeCertificate({ commonName: "One", ca: true, issuer: two, keyOf: one });
    const below = makeCertificate({ commonName: name, names: [name], issuer: two });
    expect(kinds([below, two, back])).toEqual(["private-ca-no-root sent 2"]);
    const crowd = Array.from({ length: 12 }, () => [
      makeCertificate({ commonName: "Two", ca: true, issuer: one, keyOf: two }),
      makeCertificate({ commonName: "One", ca: true, issuer: two, keyOf: one }),
    ]).flat();
    expect(judge([below, ...crowd]).anchor).toBeUndefined();
  });
});

test("the roots Node.js knows make a store", () => {
  const store = new TrustStore(rootCertificates);
  expect(store.certificates).toHaveLength(rootCertificates.length);
  expect(store.certificates.every(({ isCa, selfSigned }) => isCa && selfSigned)).toBe(true);
});
