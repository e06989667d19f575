import { dayMs } from "../../../test/support/certificates.ts";
import { baseWorld, labAuthority, labCertificate } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import { authority, issuing, leaf, selfSigned, sending, tlsWish, trust } from "../../world/tls.ts";
import type { Scenario } from "../scenario.ts";
import { byHand, otherRoot, past, two, wholeChain } from "./common.ts";

/** The lab's root again, with the same key. */
const labRoot = () => ({ commonName: "Contoso Lab Root", ca: true, keyOf: labAuthority() });

const dates: readonly Omit<Scenario, "family">[] = [
  {
    variant: "expired-leaf",
    about: "The servers' certificate expired two days ago.",
    world: () => baseWorld(tlsWish("node", sending(leaf(past())))),
    expects: [{ cause: "tls-expired" }],
    ...byHand("tls-expired", wholeChain),
  },
  {
    variant: "expired-intermediate-nginx",
    about: "The intermediate that nginx sends expired; the servers' own certificate is valid.",
    world: () => {
      const old = labCertificate({ commonName: "Contoso Lab Old Issuing", ca: true, ...past() });
      return baseWorld(tlsWish("nginx", sending(leaf({ issuer: old }), old)));
    },
    expects: [{ cause: "tls-expired" }],
    ...byHand("tls-expired", wholeChain),
  },
  {
    variant: "not-yet-valid-apache-fqdn",
    about: "The servers' certificate is valid from the day after tomorrow.",
    world: () =>
      baseWorld(
        tlsWish("apache", sending(leaf({ notBeforeMs: Date.now() + 2 * dayMs })), "", { members: "fqdn" }),
      ),
    expects: [{ cause: "tls-expired" }],
    ...byHand("tls-expired", wholeChain),
  },
  {
    variant: "expired-attached-root",
    about: "The attached root expired; the authority renewed its certificate with the same key.",
    world: () =>
      changed(baseWorld(tlsWish("haproxy", sending(leaf()))), (draft) =>
        trust(draft, { "lab-root": selfSigned({ ...labRoot(), ...past() }) }),
      ),
    expects: [{ cause: "tls-expired" }],
    ...byHand("tls-expired", (draft) => trust(draft, { "lab-root-renewed": labAuthority() })),
  },
  {
    variant: "expired-one-of-two",
    about: "The certificate of one of two servers expired.",
    world: () => baseWorld(two(sending(leaf()), sending(leaf(past())))),
    expects: [{ cause: "tls-expired" }],
    fails: "never",
    ...byHand("tls-expired", wholeChain),
  },
  {
    variant: "expired-twin-ten-days",
    about: "The servers' certificate expires in ten days.",
    world: () => baseWorld(tlsWish("node", sending(leaf({ notAfterMs: Date.now() + 10 * dayMs })))),
    expects: [],
  },
  {
    variant: "expired-twin-old-cross-signed",
    about: "Beside a good chain the server sends an old cross-signed certificate, which expired.",
    world: () => {
      const old = selfSigned({ commonName: "Fabrikam Old Root", ca: true, ...past() });
      const crossed = authority("Contoso Lab Crossed", labAuthority());
      const oldWay = selfSigned({
        commonName: "Contoso Lab Crossed",
        ca: true,
        issuer: old,
        keyOf: crossed,
        ...past(),
      });
      return baseWorld(tlsWish("nginx", sending(leaf({ issuer: crossed }), oldWay, crossed)));
    },
    expects: [],
  },
];

const trusted: readonly Omit<Scenario, "family">[] = [
  {
    variant: "no-root-sent-nginx",
    about: "A private authority, whose root nginx sends; the setting has none.",
    world: () =>
      changed(
        baseWorld(tlsWish("nginx", sending(leaf({ issuer: issuing() }), issuing(), labAuthority()))),
        (draft) => trust(draft, {}),
      ),
    expects: [{ cause: "tls-private-ca-no-root" }],
  },
  {
    variant: "no-root-uploaded-only-fqdn",
    about: "The root was uploaded and attached to nothing; haproxy does not send it.",
    world: () =>
      changed(
        baseWorld(
          tlsWish("haproxy", sending(leaf({ issuer: issuing() }), issuing()), "", { members: "fqdn" }),
        ),
        (draft) => trust(draft, { "lab-root": labAuthority() }, []),
      ),
    expects: [{ cause: "tls-private-ca-no-root" }],
  },
  {
    variant: "no-root-known-to-nobody",
    about: "A private authority, whose root neither the server sends nor anybody uploaded.",
    world: () =>
      changed(baseWorld(tlsWish("apache", sending(leaf({ issuer: issuing() }), issuing()))), (draft) =>
        trust(draft, {}),
      ),
    expects: [{ cause: "tls-private-ca-no-root" }],
    ...byHand("tls-private-ca-no-root", (draft) => trust(draft, { "lab-root": labAuthority() })),
  },
  {
    variant: "root-other-authority",
    about: "The root of another authority is attached; the servers send their own.",
    world: () =>
      changed(baseWorld(tlsWish("node", sending(leaf(), labAuthority()))), (draft) =>
        trust(draft, { fabrikam: otherRoot() }),
      ),
    expects: [{ cause: "tls-root-mismatch" }],
  },
  {
    variant: "root-rotated-peered-nginx",
    about:
      "The authority has a new key under its old name; the old root is attached, the new one only uploaded.",
    world: () => {
      const before = selfSigned({ commonName: "Contoso Lab Root", ca: true });
      return changed(baseWorld(tlsWish("nginx", sending(leaf()), "", { place: "peered" })), (draft) =>
        trust(draft, { "lab-root-2020": before, "lab-root-2026": labAuthority() }, ["lab-root-2020"]),
      );
    },
    expects: [{ cause: "tls-root-mismatch" }],
  },
  {
    variant: "root-intermediate-uploaded",
    about: "The issuing authority was attached in the place of the root above it.",
    world: () =>
      changed(baseWorld(tlsWish("haproxy", sending(leaf({ issuer: issuing() }), issuing()))), (draft) =>
        trust(draft, { issuing: issuing() }),
      ),
    expects: [{ cause: "tls-root-mismatch" }],
    ...byHand("tls-root-mismatch", (draft) => trust(draft, { "lab-root": labAuthority() })),
  },
  {
    variant: "root-twin-two",
    about: "An old root of another authority is attached beside the right one.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(), labAuthority()))), (draft) =>
        trust(draft, { fabrikam: otherRoot(), "lab-root": labAuthority() }),
      ),
    expects: [],
  },
  {
    variant: "root-twin-renewed-same-key",
    about: "The authority renewed its root with the same key; the attached older one is valid still.",
    world: () => {
      const older = selfSigned({ ...labRoot(), notAfterMs: Date.now() + 20 * dayMs });
      return changed(baseWorld(tlsWish("apache", sending(leaf()))), (draft) => trust(draft, { older }));
    },
    expects: [],
  },
];

export default [...dates, ...trusted];
