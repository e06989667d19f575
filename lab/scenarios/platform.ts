import { type BaseWish, baseWorld, names, tlsFor } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import type { Program } from "../world/world.ts";
import { asked } from "./program-faults.ts";
import type { Scenario } from "./scenario.ts";

const siteName = "contoso-shop.azurewebsites.net";
const siteAddress = "20.50.2.10";

type Rule = Readonly<Record<string, unknown>>;
const rule = (action: "Allow" | "Deny", ipAddress: string, priority: number): Rule => ({
  ...{ name: `${action} ${ipAddress}`, action, ipAddress, priority, tag: "Default" },
});

interface SiteWish {
  /** Bound to the site beside the platform's name. */
  readonly domains?: readonly string[];
  readonly rules?: readonly Rule[];
  /** What the rules do not say. Default Allow. */
  readonly otherwise?: "Allow" | "Deny";
  /** Between gateway and site. */
  readonly protocol?: "Http" | "Https";
  readonly generation?: "v1" | "v2";
  readonly setting?: Rule;
}

/** A site of App Service on the internet is the pool's only member; it is probed by its own name. */
function withSite({ protocol = "Http", generation = "v2", setting = {}, ...site }: SiteWish) {
  const port = protocol === "Https" ? 443 : 80;
  const wish: BaseWish = {
    ...{ servers: 0, protocol, generation, port },
    probe: { host: siteName, path: "/" },
    setting: { hostName: undefined, ...setting },
  };
  return () =>
    changed(baseWorld(wish), (draft) => {
      addSite(draft, site);
      const program: Program = {
        ...{ kind: "node", behaviour: "app-service", servesResources: "Microsoft.Web/sites", port },
        ...(protocol === "Https" ? { tls: tlsFor([siteName, "*.azurewebsites.net"]) } : {}),
      };
      onInternet(draft, "platform", siteName, siteAddress, [program]);
    });
}

function addSite(draft: Draft, { domains = [], rules = [], otherwise = "Allow" }: SiteWish): void {
  const last = { ...rule(otherwise, "Any", 2147483647), name: `${otherwise} all` };
  draft.add({
    id: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-lab/providers/Microsoft.Web/sites/contoso-shop",
    name: "contoso-shop",
    type: "Microsoft.Web/sites",
    ...{ location: "westeurope", resourceGroup: "rg-lab", state: "Running" },
    defaultHostName: siteName,
    hostNames: [siteName, ...domains],
    ...{ httpsOnly: false, publicNetworkAccess: "Enabled" },
    siteConfig: {
      ipSecurityRestrictions: [...rules, last],
      ipSecurityRestrictionsDefaultAction: otherwise,
    },
  });
}

/** A host on the internet that the pool knows by its name. */
function onInternet(
  draft: Draft,
  name: string,
  fqdn: string,
  address: string,
  programs: readonly Program[],
): void {
  draft
    .addHost({ name, at: { internet: address }, programs })
    .more({ publicNames: { [names.host]: [names.publicAddress], [fqdn]: [address] } })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ fqdn }] });
}

const ownName = { pickHostNameFromBackendAddress: true };
const gateway = `${names.publicAddress}/32`;
const requests = asked("/");

const sites: readonly Omit<Scenario, "family">[] = [
  {
    variant: "appsvc-host-live",
    about:
      "Requests keep the clients' host, which is not bound to the site; its probe asks by the site's own name.",
    world: withSite({}),
    expects: [{ cause: "appsvc-host-live" }],
  },
  {
    variant: "appsvc-host-live-https",
    about: "The same over TLS: the site has no certificate for the clients' host.",
    world: withSite({ protocol: "Https" }),
    expects: [{ cause: "appsvc-host-live" }],
  },
  {
    variant: "appsvc-host-live-other-domain",
    about: "A domain is bound to the site, and clients ask for another one.",
    world: withSite({ domains: ["www.contoso.example"] }),
    expects: [{ cause: "appsvc-host-live" }],
  },
  {
    variant: "appsvc-twin-bound",
    about: "Requests keep the clients' host, which is bound to the site.",
    world: withSite({ domains: [names.host] }),
    expects: [],
  },
  {
    variant: "appsvc-twin-own-name",
    about: "Requests go by the site's own name, over TLS.",
    world: withSite({ protocol: "Https", setting: ownName }),
    expects: [],
  },
  {
    variant: "appsvc-access-office-only",
    about: "The site admits the office alone.",
    world: withSite({ setting: ownName, rules: [rule("Allow", "198.51.100.0/24", 100)], otherwise: "Deny" }),
    expects: [{ cause: "appsvc-access-restriction" }],
  },
  {
    variant: "appsvc-access-denied-https",
    about: "A rule of the site denies a range in which the gateway's public address is.",
    world: withSite({ protocol: "Https", setting: ownName, rules: [rule("Deny", "203.0.113.0/28", 100)] }),
    expects: [{ cause: "appsvc-access-restriction" }],
  },
  {
    variant: "appsvc-twin-admitted",
    about: "The site admits the gateway's public address alone.",
    world: withSite({ setting: ownName, rules: [rule("Allow", gateway, 100)], otherwise: "Deny" }),
    expects: [],
  },
];

const classicName = "contoso-shop.cloudapp.net";

/** Somebody who follows the fix puts the machine that runs the application today into the pool. */
const moved: Scenario["operator"] = [
  {
    cause: "classic-endpoint",
    servers: [classicName],
    edit: (draft) =>
      draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.10.2.4" }] }),
  },
];

/** The pool names a classic cloud service instead of the machine that runs the application. */
const withClassic = (wish: BaseWish, edit: (draft: Draft) => void) => () =>
  changed(baseWorld({ servers: 1, ...wish }), (draft) => {
    onInternet(draft, "classic", classicName, "20.50.2.20", []);
    edit(draft);
  });

const classics: readonly Omit<Scenario, "family">[] = [
  {
    variant: "classic-no-endpoint",
    about: "The pool names a classic cloud service that drops what it has no endpoint for.",
    world: withClassic({}, (draft) => draft.host("classic", { firewall: { input: [{ action: "drop" }] } })),
    expects: [{ cause: "classic-endpoint" }],
    operator: moved,
  },
  {
    variant: "classic-refused-v1",
    about: "The pool of a v1 gateway names a classic cloud service that refuses connections.",
    world: withClassic({ generation: "v1" }, () => {}),
    expects: [{ cause: "classic-endpoint" }],
    operator: moved,
  },
  {
    variant: "classic-twin-serves",
    about: "The pool names a classic cloud service that serves.",
    world: withClassic({}, (draft) =>
      draft.host("classic", { programs: [{ kind: "node", behaviour: "http", port: 8080 }] }),
    ),
    expects: [],
  },
];

export default [...sites, ...classics].map((one): Scenario => ({ family: "platform", requests, ...one }));
