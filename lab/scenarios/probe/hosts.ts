import { baseWorld } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import type { Scenario } from "../scenario.ts";
import { apache, apachePage, apacheStatus, nginxOfHosts, node, shop } from "./programs.ts";

const ok = 'location / { return 200 "ok"; }';
const unknown = "location / { return 404; }";

/** The host name that the probe asks for. */
export const hostScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "default-host-nginx",
    about: "No probe, and nginx answers 404 for every name but the site's.",
    world: () => baseWorld({ probe: false, program: nginxOfHosts([shop], ok, unknown) }),
    expects: [{ cause: "probe-default-host" }],
  },
  {
    variant: "default-host-v1-apache-fqdn",
    about: "No probe on a v1 gateway, and Apache forbids every name but the site's.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn", probe: false },
        program: apache(apacheStatus("default.invalid", 403), apachePage(shop)),
      }),
    expects: [{ cause: "probe-default-host" }],
  },
  {
    variant: "default-host-picked-address",
    about: "The setting takes the host from the pool, whose members are addresses that no site is bound to.",
    world: () =>
      baseWorld({
        ...{ probe: false, servers: 1 },
        setting: { pickHostNameFromBackendAddress: true },
        program: node({ answers: [{ host: "10.10.2.4", status: 400, body: "no such site" }] }),
      }),
    expects: [{ cause: "probe-default-host" }],
  },
  {
    variant: "default-host-twin-redirects",
    about: "No probe; for unknown names nginx redirects to the site, which the default probe takes.",
    world: () =>
      baseWorld({
        probe: false,
        program: nginxOfHosts([shop], ok, `location / { return 302 http://${shop}/; }`),
      }),
    expects: [],
  },
  {
    variant: "host-unbound-nginx",
    about: "The probe asks for a name of the past; nginx has the site under its new one.",
    world: () =>
      baseWorld({
        probe: { host: "old.contoso.example" },
        program: nginxOfHosts([shop], ok, unknown),
      }),
    expects: [{ cause: "probe-host" }],
  },
  {
    variant: "host-misdirected-https",
    about: "The probe asks for a name that is in the certificate and bound to nothing: 421.",
    world: () =>
      baseWorld({
        ...{ protocol: "Https", probe: { host: "app-1.internal.contoso.example" }, servers: 1 },
        program: nginxOfHosts([shop], ok, "location / { return 421; }"),
      }),
    expects: [{ cause: "probe-host" }],
  },
  {
    variant: "host-of-setting-v1",
    about: "The setting overrides the host with a name that Apache does not have, and the probe takes it.",
    world: () =>
      baseWorld({
        generation: "v1",
        setting: { hostName: "shop-test.contoso.example" },
        probe: { host: undefined, pickHostNameFromBackendHttpSettings: true },
        program: apache(apacheStatus("default.invalid", 404), apachePage(shop)),
      }),
    expects: [{ cause: "probe-host" }],
  },
  {
    variant: "host-twin-own-name",
    about: "The probe asks for another name than clients do, and nginx has both.",
    world: () =>
      baseWorld({
        probe: { host: "health.contoso.example" },
        program: nginxOfHosts([shop, "health.contoso.example"], ok, unknown),
      }),
    expects: [],
  },
  {
    variant: "pick-without-host",
    about: "The probe is to take its host from a setting that has none.",
    world: () => baseWorld({ probe: { host: undefined, pickHostNameFromBackendHttpSettings: true } }),
    expects: [{ cause: "probe-pick-without-host" }],
  },
  {
    variant: "pick-without-host-v1-fqdn",
    about: "The same on v1, with names as members.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { host: undefined, pickHostNameFromBackendHttpSettings: true },
      }),
    expects: [{ cause: "probe-pick-without-host" }],
  },
  {
    variant: "pick-twin-from-member",
    about: "The probe takes its host from the setting, which takes it from the member's name.",
    world: () =>
      baseWorld({
        members: "fqdn",
        setting: { pickHostNameFromBackendAddress: true },
        probe: { host: undefined, pickHostNameFromBackendHttpSettings: true },
        program: ({ port, fqdn, ...rest }) => nginxOfHosts([fqdn], ok, unknown)({ port, fqdn, ...rest }),
      }),
    expects: [],
  },
  {
    variant: "unattached",
    about: "A probe that would do was made, and never put on the setting.",
    world: () =>
      changed(
        baseWorld({
          program: node({ answers: [{ path: "/", status: 404 }] }),
        }),
        (draft) => draft.part("backendHttpSettingsCollection", "set-app", { probe: undefined }),
      ),
    requests: [{ url: `http://${shop}/orders`, times: 2 }],
    expects: [{ cause: "probe-unattached" }],
  },
  {
    variant: "unattached-v1-host",
    about: "On v1 the probe that lies about asks for the host that Apache knows.",
    world: () =>
      changed(
        baseWorld({
          generation: "v1",
          program: apache(apacheStatus("default.invalid", 404), apachePage(shop)),
        }),
        (draft) => draft.part("backendHttpSettingsCollection", "set-app", { probe: undefined }),
      ),
    expects: [{ cause: "probe-unattached" }],
  },
  {
    variant: "unattached-twin-default-will-do",
    about: "A probe lies about, and the default one is answered well.",
    world: () =>
      changed(baseWorld(), (draft) =>
        draft.part("backendHttpSettingsCollection", "set-app", { probe: undefined }),
      ),
    expects: [],
  },
];
