import { addressText } from "./addresses.ts";
import type { Dice } from "./dice.ts";
import { networkId, resource, type Subnet } from "./healthy-network.ts";
import { addressesOf, type Pool } from "./healthy-world.ts";
import type { Json } from "./notation.ts";

/** A pool × setting that some rule leads to. */
export interface PlannedPair {
  readonly pool: Pool;
  readonly setting: string;
  readonly listener: string;
  readonly rule: string;
  /** Only where a path map sends what no path matches. */
  readonly asDefault: boolean;
}

export interface GatewayPlan {
  readonly resource: Json & { id: string };
  readonly pairs: readonly PlannedPair[];
}

interface Wish {
  readonly v1: boolean;
  readonly isolated: boolean;
  readonly subnet: Subnet;
  readonly pools: readonly Pool[];
}

const gatewayId = networkId("applicationGateways", "agw-mill");
const partId = (collection: string, name: string): string => `${gatewayId}/${collection}/${name}`;
const reference = (collection: string, name: string): Json => ({ id: partId(collection, name) });
const part = (collection: string, name: string, settings: Json): Json => ({
  id: partId(collection, name),
  name,
  provisioningState: "Succeeded",
  ...settings,
});

export function gatewayOf(dice: Dice, wish: Wish): GatewayPlan {
  const { v1, isolated, subnet, pools } = wish;
  const backends = pools.map((pool) => backendOf(dice, pool, v1));
  const routing = route(dice, wish);
  const name = v1 ? "Standard_Medium" : "Standard_v2";
  const sized = dice.chance();
  return {
    pairs: routing.pairs,
    resource: {
      ...resource("Microsoft.Network/applicationGateways", gatewayId, {}),
      id: gatewayId,
      operationalState: "Running",
      provisioningState: "Succeeded",
      sku: { name, tier: v1 ? "Standard" : name, ...(v1 || sized ? { capacity: 2 } : {}) },
      ...(v1 || sized ? {} : { autoscaleConfiguration: { minCapacity: 2, maxCapacity: 10 } }),
      gatewayIPConfigurations: [
        part("gatewayIPConfigurations", "ipc", { subnet: { id: subnet.resource.id } }),
      ],
      frontendIPConfigurations: frontends(dice, subnet, isolated),
      frontendPorts: [80, 443, 8080].map((port) => part("frontendPorts", `port-${port}`, { port })),
      sslCertificates: ["cert-mill", ...dice.some(["cert-unused"])].map((certificate) =>
        part("sslCertificates", certificate, {
          keyVaultSecretId: `https://kv-fabrikam.vault.azure.net/secrets/${certificate}`,
        }),
      ),
      backendAddressPools: [
        ...backends.map(({ pool }) => pool),
        ...dice.some([part("backendAddressPools", "pool-unused", { backendAddresses: [] })]),
      ],
      backendHttpSettingsCollection: backends.map(({ setting }) => setting),
      probes: [
        ...backends.flatMap(({ probe }) => probe ?? []),
        ...dice.some([
          part("probes", "probe-unused", {
            protocol: "Https",
            host: "gone.fabrikam.example",
            path: "/gone",
            interval: 30,
            timeout: 30,
            unhealthyThreshold: 3,
            match: { statusCodes: ["200"] },
          }),
        ]),
      ],
      ...routing.parts,
    },
  };
}

function frontends(dice: Dice, subnet: Subnet, isolated: boolean): Json[] {
  const publicOne = part("frontendIPConfigurations", "front", {
    privateIPAllocationMethod: "Dynamic",
    publicIPAddress: { id: networkId("publicIPAddresses", "pip-gateway") },
  });
  const privateOne = part("frontendIPConfigurations", isolated ? "front" : "inside", {
    privateIPAddress: addressText(subnet.range.first + 20),
    privateIPAllocationMethod: "Static",
    subnet: { id: subnet.resource.id },
  });
  if (isolated) return [privateOne];
  return dice.chance(3) ? [publicOne, privateOne] : [publicOne];
}

function backendOf(
  dice: Dice,
  pool: Pool,
  v1: boolean,
): { pool: Json; setting: Json; probe: Json | undefined } {
  const { name, kind, machines, fqdn, port, protocol } = pool;
  const joined = kind === "interface" || kind === "scale-set";
  const addresses =
    fqdn !== undefined ? [{ fqdn }] : joined ? [] : addressesOf(pool).map((ipAddress) => ({ ipAddress }));
  const configurations = joined
    ? machines.map(({ nic }) => ({ id: (nic.ipConfigurations[0] as Json).id }))
    : [];
  if (joined) {
    for (const { nic } of machines) {
      const [configuration] = nic.ipConfigurations as [Json];
      configuration.applicationGatewayBackendAddressPools = [reference("backendAddressPools", name)];
    }
  }
  const naming = namingOf(dice, pool);
  const probe = probeOf(dice, pool, naming, v1);
  return {
    pool: part("backendAddressPools", name, {
      backendAddresses: addresses,
      ...(joined ? { backendIPConfigurations: configurations } : {}),
    }),
    setting: part("backendHttpSettingsCollection", settingName(pool), {
      port,
      protocol,
      cookieBasedAffinity: dice.pick("Disabled", "Enabled"),
      requestTimeout: dice.pick(20, 30, 60, 120),
      ...naming,
      ...(probe === undefined ? {} : { probe: reference("probes", probe.name) }),
      ...(dice.chance(4) ? { path: "/app/" } : {}),
      ...(dice.chance(3) ? { connectionDraining: { enabled: dice.chance(), drainTimeoutInSec: 60 } } : {}),
    }),
    probe,
  };
}

function settingName({ name }: Pool): string {
  return name.replace("pool", "set");
}

type Naming = { readonly pickHostNameFromBackendAddress: boolean; readonly hostName?: string };

function namingOf(dice: Dice, { kind, protocol }: Pool): Naming {
  if (kind === "site") return { pickHostNameFromBackendAddress: true };
  const named = { pickHostNameFromBackendAddress: false, hostName: "mill.fabrikam.example" };
  if (kind === "name") return dice.pick<Naming>(named, { pickHostNameFromBackendAddress: true });
  return protocol === "Https" ? named : dice.pick<Naming>(named, { pickHostNameFromBackendAddress: false });
}

function probeOf(dice: Dice, pool: Pool, naming: Naming, v1: boolean): (Json & { name: string }) | undefined {
  if (dice.chance(3)) return undefined;
  const name = pool.name.replace("pool", "probe");
  const picks = naming.pickHostNameFromBackendAddress || (naming.hostName !== undefined && dice.chance());
  return {
    ...part("probes", name, {}),
    name,
    protocol: pool.protocol,
    path: dice.pick("/", "/health", "/healthz?deep=1", "/status/live"),
    interval: dice.pick(30, 10, 60),
    timeout: dice.pick(30, 20, 60),
    unhealthyThreshold: dice.pick(3, 2, 5),
    minServers: 0,
    pickHostNameFromBackendHttpSettings: picks,
    ...(picks ? {} : { host: "mill.fabrikam.example" }),
    ...(v1 || !dice.chance(4) ? {} : { port: pool.port }),
    match: dice.pick<Json>(
      { statusCodes: ["200-399"] },
      {},
      { statusCodes: ["200"] },
      { statusCodes: ["200-299", "401"] },
    ),
  };
}

interface Routing {
  readonly parts: Json;
  readonly pairs: readonly PlannedPair[];
}

/** Every pool behind some rule; hosts before patterns before any host, so that no listener stands in another's way. */
function route(dice: Dice, { v1, pools }: Wish): Routing {
  const listeners: Json[] = [];
  const rules: Json[] = [];
  const maps: Json[] = [];
  const redirects: Json[] = [];
  const pairs: PlannedPair[] = [];
  const groups = dealt(dice, pools);
  const hostsOf = hostPlan(dice, v1, groups.length);
  const secure = dice.chance();
  for (const [index, group] of groups.entries()) {
    const listener = `l-${index}`;
    const rule = `r-${index}`;
    listeners.push(
      part("httpListeners", listener, {
        frontendIPConfiguration: reference("frontendIPConfigurations", "front"),
        frontendPort: reference("frontendPorts", secure ? "port-443" : "port-80"),
        protocol: secure ? "Https" : "Http",
        requireServerNameIndication: secure && hostsOf[index] !== undefined,
        ...(secure ? { sslCertificate: reference("sslCertificates", "cert-mill") } : {}),
        ...hostsOf[index],
      }),
    );
    const common = {
      httpListener: reference("httpListeners", listener),
      ...(v1 ? {} : { priority: 100 + index * 10 }),
    };
    const target = ({ name }: Pool): Json => ({
      backendAddressPool: reference("backendAddressPools", name),
      backendHttpSettings: reference("backendHttpSettingsCollection", name.replace("pool", "set")),
    });
    const [first, ...others] = group as [Pool, ...Pool[]];
    for (const pool of group) {
      const asDefault = pool === first && others.length > 0;
      pairs.push({ pool, setting: settingName(pool), listener, rule, asDefault });
    }
    if (others.length === 0 && !dice.chance(3)) {
      rules.push(part("requestRoutingRules", rule, { ...common, ruleType: "Basic", ...target(first) }));
      continue;
    }
    const { backendAddressPool, backendHttpSettings } = target(first);
    maps.push(
      part("urlPathMaps", `map-${index}`, {
        defaultBackendAddressPool: backendAddressPool,
        defaultBackendHttpSettings: backendHttpSettings,
        pathRules: (others.length === 0 ? [first] : others).map((pool) =>
          part("urlPathMaps", `map-${index}/pathRules/p-${pool.name}`, {
            name: `p-${pool.name}`,
            paths: dice.pick([`/${pool.name}/*`], [`/${pool.name}`, `/${pool.name}/*`]),
            ...target(pool),
          }),
        ),
      }),
    );
    rules.push(
      part("requestRoutingRules", rule, {
        ...common,
        ruleType: "PathBasedRouting",
        urlPathMap: reference("urlPathMaps", `map-${index}`),
      }),
    );
  }
  if (secure && dice.chance()) {
    redirects.push(
      part("redirectConfigurations", "to-secure", {
        redirectType: "Permanent",
        includePath: true,
        includeQueryString: true,
        ...dice.pick<Json>(
          { targetListener: reference("httpListeners", "l-0") },
          { targetUrl: "https://mill.fabrikam.example" },
        ),
      }),
    );
    listeners.push(
      part("httpListeners", "l-plain", {
        frontendIPConfiguration: reference("frontendIPConfigurations", "front"),
        frontendPort: reference("frontendPorts", "port-80"),
        protocol: "Http",
      }),
    );
    rules.push(
      part("requestRoutingRules", "r-plain", {
        ruleType: "Basic",
        httpListener: reference("httpListeners", "l-plain"),
        ...(v1 ? {} : { priority: 900 }),
        redirectConfiguration: reference("redirectConfigurations", "to-secure"),
      }),
    );
  }
  return {
    pairs,
    parts: {
      httpListeners: listeners,
      requestRoutingRules: v1 || !dice.chance() ? rules : rules.reverse(),
      urlPathMaps: maps,
      redirectConfigurations: redirects,
    },
  };
}

/** The pools, dealt to one listener or several. */
function dealt(dice: Dice, pools: readonly Pool[]): Pool[][] {
  const groups: Pool[][] = [[]];
  for (const pool of pools) {
    if (groups.at(-1)?.length !== 0 && dice.chance()) groups.push([]);
    groups.at(-1)?.push(pool);
  }
  return groups;
}

/** One host or more for every listener but, by chance, the last: that one may take a pattern, or any host. */
function hostPlan(dice: Dice, v1: boolean, count: number): (Json | undefined)[] {
  return Array.from({ length: count }, (_, index) => {
    const own = `shop-${index}.fabrikam.example`;
    const one = { hostName: own };
    if (index === count - 1 && dice.chance())
      return v1 ? undefined : dice.pick(undefined, { hostNames: ["*.fabrikam.example"] });
    if (v1) return one;
    return dice.pick<Json>(one, { hostNames: [own] }, { hostNames: [own, `www-${index}.fabrikam.example`] });
  });
}
