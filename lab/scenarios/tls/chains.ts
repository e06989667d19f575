import type { CauseId } from "../../../src/diagnosis/cause-ids.ts";
import { dayMs } from "../../../test/support/certificates.ts";
import { type BaseWish, baseWorld, labAuthority, labCertificate, names } from "../../world/base.ts";
import { changed, type Draft } from "../../world/draft.ts";
import {
  authority,
  install,
  issuing,
  leaf,
  selfSigned,
  sending,
  serverAddresses,
  tlsProgram,
  tlsWish,
  trust,
} from "../../world/tls.ts";
import type { OperatorAction, Scenario } from "../scenario.ts";

/** The lab's root again, with the same key. */
const labRoot = () => ({ commonName: "Contoso Lab Root", ca: true, keyOf: labAuthority() });
const own = () => ({ commonName: names.host, names: [names.host] });
const past = () => ({ notBeforeMs: Date.now() - 60 * dayMs, notAfterMs: Date.now() - 2 * dayMs });
const fqdns = ["app-1.internal.contoso.example", "app-2.internal.contoso.example"];

/** On every server: what a person does who follows the words of the fix. */
function byHand(
  cause: CauseId,
  edit: OperatorAction["edit"],
): { readonly operator: readonly OperatorAction[] } {
  return { operator: [{ cause, servers: [...serverAddresses, ...fqdns], edit }] };
}

const wholeChain = (draft: Draft): void =>
  install(tlsWish("nginx", sending(leaf({ issuer: issuing() }), issuing())))(draft);

/** The servers differ: the first sends this, the second that. */
const two = (first: ReturnType<typeof sending>, second: ReturnType<typeof sending>): BaseWish => ({
  protocol: "Https",
  program: ({ name, port }) => tlsProgram("nginx", port, name === "app-1" ? first : second),
});

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

const otherRoot = () => authority("Fabrikam Root");

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

const upper = () => authority("Contoso Lab Policy", labAuthority());
const lower = () => authority("Contoso Lab Policy Issuing", upper());

const incomplete: readonly Omit<Scenario, "family">[] = [
  {
    variant: "intermediate-missing-nginx",
    about: "nginx sends its own certificate alone, which an intermediate authority issued.",
    world: () => baseWorld(tlsWish("nginx", sending(leaf({ issuer: issuing() })))),
    expects: [{ cause: "tls-intermediate-missing" }],
    ...byHand("tls-intermediate-missing", wholeChain),
  },
  {
    variant: "intermediate-missing-one-of-two",
    about: "One of two servers leaves out the intermediate that the other sends.",
    world: () => {
      const own = leaf({ issuer: issuing() });
      return baseWorld(two(sending(own, issuing()), sending(own)));
    },
    expects: [{ cause: "tls-intermediate-missing" }],
    fails: "never",
    ...byHand("tls-intermediate-missing", wholeChain),
  },
  {
    variant: "intermediate-missing-root-sent-apache-fqdn",
    about: "Apache sends its own certificate and the root, and not what stands between them.",
    world: () =>
      baseWorld(
        tlsWish("apache", sending(leaf({ issuer: issuing() }), labAuthority()), "", { members: "fqdn" }),
      ),
    expects: [{ cause: "tls-intermediate-missing" }],
    ...byHand("tls-intermediate-missing", wholeChain),
  },
  {
    variant: "intermediate-missing-upper",
    about: "Of two intermediates the server sends the lower one.",
    world: () => baseWorld(tlsWish("openssl", sending(leaf({ issuer: lower() }), lower()))),
    expects: [
      {
        cause: "tls-intermediate-missing",
        equals: [
          {
            cause: "tls-root-mismatch",
            why: "whether the issuer that nobody sent is one more intermediate or another root cannot be seen",
          },
        ],
      },
    ],
    operator: (["tls-intermediate-missing", "tls-root-mismatch"] as const).map((cause) => ({
      cause,
      servers: serverAddresses,
      edit: wholeChain,
    })),
  },
  {
    variant: "intermediate-twin-long",
    about: "A chain of three authorities, complete to the root.",
    world: () =>
      baseWorld(tlsWish("nginx", sending(leaf({ issuer: lower() }), lower(), upper(), labAuthority()))),
    expects: [],
  },
  {
    variant: "intermediate-twin-one-too-many",
    about: "A complete chain, and an intermediate of another authority behind it.",
    world: () =>
      baseWorld(
        tlsWish(
          "apache",
          sending(leaf({ issuer: issuing() }), issuing(), authority("Fabrikam Issuing", otherRoot())),
        ),
      ),
    expects: [],
  },
];

const mixedUp: readonly Omit<Scenario, "family">[] = [
  {
    variant: "leaf-missing-node",
    about: "The authorities and their key were installed in the place of the servers' certificate.",
    world: () => baseWorld(tlsWish("node", sending(issuing(), labAuthority()))),
    expects: [{ cause: "tls-leaf-missing" }],
    ...byHand("tls-leaf-missing", wholeChain),
  },
  {
    variant: "leaf-missing-openssl-fqdn",
    about: "The issuing authority's own certificate is what the server presents.",
    world: () => baseWorld(tlsWish("openssl", sending(issuing()), "-no_tls1_3", { members: "fqdn" })),
    expects: [{ cause: "tls-leaf-missing" }],
    ...byHand("tls-leaf-missing", wholeChain),
  },
  {
    variant: "order-haproxy",
    about: "The issuing authority's certificate and key come first, the servers' own certificate behind it.",
    world: () =>
      baseWorld(tlsWish("haproxy", sending(issuing(), leaf({ issuer: issuing() }), labAuthority()))),
    expects: [{ cause: "tls-order" }],
    ...byHand("tls-order", wholeChain),
  },
  {
    variant: "order-node-peered",
    about: "The root comes first, the servers' own certificate last.",
    world: () =>
      baseWorld(
        tlsWish("node", sending(labAuthority(), issuing(), leaf({ issuer: issuing() })), "", {
          place: "peered",
        }),
      ),
    expects: [{ cause: "tls-order" }],
    operator: [{ cause: "tls-order", servers: ["10.20.1.4", "10.20.1.5"], edit: wholeChain }],
  },
  {
    variant: "order-twin-behind-leaf",
    about: "The servers' own certificate comes first, the authorities behind it in the wrong order.",
    world: () => baseWorld(tlsWish("nginx", sending(leaf({ issuer: issuing() }), labAuthority(), issuing()))),
    expects: [],
  },
  {
    variant: "self-signed-nginx",
    about: "A self-signed certificate without the flag of an authority; no root is attached.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(selfSigned(own())))), (draft) => trust(draft, {})),
    expects: [{ cause: "tls-selfsigned-nonca" }],
    ...byHand("tls-selfsigned-nonca", (draft) => {
      wholeChain(draft);
      trust(draft, { "lab-root": labAuthority() });
    }),
  },
  {
    variant: "self-signed-uploaded-apache",
    about: "A self-signed certificate that says it is no authority, uploaded as root.",
    world: () => {
      const certificate = selfSigned({ ...own(), ca: false });
      return changed(baseWorld(tlsWish("apache", sending(certificate))), (draft) =>
        trust(draft, { own: certificate }),
      );
    },
    expects: [{ cause: "tls-selfsigned-nonca" }],
    ...byHand("tls-selfsigned-nonca", (draft) => {
      wholeChain(draft);
      trust(draft, { "lab-root": labAuthority() });
    }),
  },
  {
    variant: "self-signed-twin-authority",
    about: "A self-signed certificate with the flag of an authority, uploaded as root.",
    world: () => {
      const certificate = selfSigned({ ...own(), ca: true, signsItself: true });
      return changed(baseWorld(tlsWish("nginx", sending(certificate))), (draft) =>
        trust(draft, { own: certificate }),
      );
    },
    expects: [],
  },
  {
    variant: "verify-signer-no-authority",
    about: "The servers' certificate was issued with one that is no authority.",
    world: () => {
      const signer = leaf({
        commonName: "signer.contoso.example",
        names: ["signer.contoso.example"],
        ca: false,
      });
      return baseWorld(tlsWish("node", sending(leaf({ issuer: signer }), signer)));
    },
    expects: [{ cause: "tls-verify-other" }],
    ...byHand("tls-verify-other", wholeChain),
  },
  {
    variant: "verify-clients-only-nginx",
    about: "The servers' certificate is for clients only, by its extended key usage.",
    world: () => baseWorld(tlsWish("nginx", sending(leaf({ uses: ["1.3.6.1.5.5.7.3.2"] })))),
    expects: [{ cause: "tls-verify-other" }],
    ...byHand("tls-verify-other", wholeChain),
  },
  {
    variant: "verify-twin-servers-and-clients",
    about: "The servers' certificate is for servers and clients, by its extended key usage.",
    world: () =>
      baseWorld(tlsWish("nginx", sending(leaf({ uses: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"] })))),
    expects: [],
  },
];

export default [...dates, ...trusted, ...incomplete, ...mixedUp];
