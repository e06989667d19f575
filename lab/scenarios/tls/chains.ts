import { baseWorld, labAuthority, names } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import {
  authority,
  issuing,
  leaf,
  selfSigned,
  sending,
  serverAddresses,
  tlsWish,
  trust,
} from "../../world/tls.ts";
import type { Scenario } from "../scenario.ts";
import { byHand, otherRoot, two, wholeChain } from "./common.ts";

const own = () => ({ commonName: names.host, names: [names.host] });
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
    expects: [
      {
        cause: "tls-selfsigned-nonca",
        equals: [
          {
            cause: "tls-root-not-ca",
            why: "the catalogue has the servers' own certificate, uploaded as root and without the flag, under both",
          },
        ],
      },
    ],
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

export default [...incomplete, ...mixedUp];
