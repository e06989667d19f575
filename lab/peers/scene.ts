import { gatewayOf } from "../network/facts.ts";
import { type AzureResource, linkOf, listOf, ofType, partsOf, setting, textOf } from "../world/resource.ts";

/** What other proxies can be configured with: one listener's way to its servers. */
export interface PeerScene {
  readonly servers: readonly { readonly host: string; readonly isName: boolean }[];
  readonly port: number;
  readonly tls: PeerTls | undefined;
  /** What the servers are told as Host; undefined = the client's. */
  readonly hostOverride: string | undefined;
  readonly timeoutS: number;
  readonly probe: PeerProbe | undefined;
  readonly dnsServer: string;
}

export interface PeerTls {
  /** Server name of the handshake, by which the certificate is judged; undefined = the server's own host. */
  readonly name: string | undefined;
  /** PEM; undefined = the public roots. */
  readonly roots: string | undefined;
}

export interface PeerProbe {
  readonly host: string;
  readonly path: string;
  readonly intervalS: number;
  readonly timeoutS: number;
  readonly statuses: string;
}

/** The simple subset: HTTP listener, basic rule, pool, setting, probe. A text = why the gateway is not of it. */
export function peerScene(
  resources: readonly AzureResource[],
  host: string,
  dnsServer: string,
): PeerScene | string {
  const gateway = gatewayOf(resources);
  const linked = (collection: string, of: unknown, field: string): unknown => {
    const id = linkOf(of, field);
    return partsOf(resources, gateway, collection).find((one) => textOf(one, "id")?.toLowerCase() === id);
  };
  const rules = partsOf(resources, gateway, "requestRoutingRules");
  const rule = rules.find((one) => {
    const listener = linked("httpListeners", one, "httpListener");
    return textOf(listener, "hostName") === host || textOf(listener, "hostName") === undefined;
  });
  const backend = linked("backendHttpSettingsCollection", rule, "backendHttpSettings");
  const pool = linked("backendAddressPools", rule, "backendAddressPool");
  if (backend === undefined || pool === undefined) return "no basic rule with a pool and a setting";
  const servers = serversOf(resources, pool);
  if (servers.length === 0) return "other proxies take no empty pool";
  const [first] = servers;
  const pick = setting(backend, "pickHostNameFromBackendAddress") === true;
  const hostOverride = pick ? first?.host : textOf(backend, "hostName");
  const roots = listOf(backend, "trustedRootCertificates").flatMap((one) => {
    const root = linked("trustedRootCertificates", { one }, "one");
    return textOf(root, "data") ?? [];
  });
  return {
    ...{ servers, hostOverride, dnsServer },
    port: Number(setting(backend, "port")),
    timeoutS: Number(setting(backend, "requestTimeout") ?? 20),
    tls:
      textOf(backend, "protocol") === "Https"
        ? { name: hostOverride ?? host, roots: roots.length > 0 ? roots.map(pem).join("") : undefined }
        : undefined,
    probe: probeOf(linked("probes", backend, "probe"), hostOverride ?? host),
  };
}

function serversOf(resources: readonly AzureResource[], pool: unknown): PeerScene["servers"] {
  const named = listOf(pool, "backendAddresses").flatMap(
    (one) => textOf(one, "ipAddress") ?? textOf(one, "fqdn") ?? [],
  );
  const id = textOf(pool, "id")?.toLowerCase();
  const joined = ofType(resources, "networkInterfaces").flatMap((nic) =>
    partsOf(resources, nic, "ipConfigurations")
      .filter((one) =>
        listOf(one, "applicationGatewayBackendAddressPools").some((item) => linkOf({ item }, "item") === id),
      )
      .flatMap((one) => textOf(one, "privateIPAddress") ?? []),
  );
  return [...named, ...joined].map((host) => ({ host, isName: !/^[\d.]+$/.test(host) }));
}

function probeOf(probe: unknown, host: string): PeerProbe | undefined {
  if (probe === undefined) return undefined;
  const statuses = listOf(setting(probe, "match"), "statusCodes");
  return {
    host: textOf(probe, "host") ?? host,
    path: textOf(probe, "path") ?? "/",
    intervalS: Number(setting(probe, "interval") ?? 30),
    timeoutS: Number(setting(probe, "timeout") ?? 30),
    statuses: statuses.length === 0 ? "200-399" : statuses.join(","),
  };
}

function pem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
