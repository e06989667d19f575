import { backName } from "../measure/workshop.ts";
import type { Scene, SceneRoute, Server } from "./subject.ts";

/** What is uploaded beside the configuration. */
export interface UploadedFiles {
  /** Undefined = plain towards clients. */
  readonly frontPfx: { readonly data: string; readonly password: string } | undefined;
  /** Of the servers' certificates. */
  readonly rootPem: string;
}

/** The port of the frontend in the configuration; it is mapped to one that is free. */
export const frontPort = 80;

const network = "/subscriptions/s1/resourceGroups/rg-bench/providers/Microsoft.Network";
const gatewayId = `${network}/applicationGateways/agw-bench`;
const part = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}`, name });

/** The scene as Azure writes it: a listener a host, a path map where there are paths, a pool a route. */
export function gatewayDocument(scene: Scene, files: UploadedFiles): unknown {
  const hosts = [...new Set(scene.routes.map(({ host }) => host))];
  const named = scene.routes.map((route, index) => ({
    ...route,
    pool: part("backendAddressPools", `pool-${index}`),
  }));
  const ports = [...new Set(named.flatMap(({ servers }) => servers.map(({ port }) => port)))];
  const [port = 0] = ports;
  if (ports.length > 1) throw new Error("a setting has one port");
  const setting = part("backendHttpSettingsCollection", "setting");
  const frontend = part("frontendIPConfigurations", "public");
  const frontendPort = part("frontendPorts", "front");
  const certificate = part("sslCertificates", "front");
  return {
    id: gatewayId,
    name: "agw-bench",
    type: "Microsoft.Network/applicationGateways",
    tags: { generation: String(scene.generation) },
    sku: { name: "Standard_v2", tier: "Standard_v2", capacity: 2 },
    frontendIPConfigurations: [{ ...frontend, publicIPAddress: { id: `${network}/publicIPAddresses/pip` } }],
    frontendPorts: [{ ...frontendPort, port: frontPort }],
    ...(scene.frontTls ? { sslCertificates: [{ ...certificate, ...files.frontPfx }] } : {}),
    ...settingsOf(scene, files, setting, port),
    backendAddressPools: named.map(({ pool, servers }) => ({
      ...pool,
      backendAddresses: servers.map(memberOf),
    })),
    httpListeners: hosts.map((host, index) => ({
      ...part("httpListeners", `listener-${index}`),
      protocol: scene.frontTls ? "Https" : "Http",
      frontendIPConfiguration: frontend,
      frontendPort,
      ...(host === undefined ? {} : { hostName: host }),
      ...(scene.frontTls ? { sslCertificate: certificate } : {}),
    })),
    ...rulesOf(hosts, named, setting),
  };
}

interface NamedRoute extends SceneRoute {
  readonly pool: ReturnType<typeof part>;
}

const memberOf = ({ address }: Server) => ({ ipAddress: address });

/** The generation stands in a time-out of no account, so that a reload changes what is served. */
function settingsOf(
  scene: Scene,
  { rootPem }: UploadedFiles,
  setting: ReturnType<typeof part>,
  port: number,
): object {
  const probe = part("probes", "probe");
  const root = part("trustedRootCertificates", "root");
  const protocol = scene.backTls ? "Https" : "Http";
  const times = scene.watchful
    ? { interval: 1, timeout: 1, unhealthyThreshold: 2 }
    : { interval: 30, timeout: 30, unhealthyThreshold: 3 };
  const authority = rootPem.replace(/-----[A-Z ]+-----|\s/g, "");
  return {
    probes: [{ ...probe, protocol, host: backName, path: "/", ...times }],
    ...(scene.backTls ? { trustedRootCertificates: [{ ...root, data: authority }] } : {}),
    backendHttpSettingsCollection: [
      {
        ...{ ...setting, protocol, port, probe },
        requestTimeout: scene.watchful ? 1 : 3600 + scene.generation,
        ...(scene.backTls ? { hostName: backName, trustedRootCertificates: [root] } : {}),
      },
    ],
  };
}

function rulesOf(
  hosts: readonly (string | undefined)[],
  routes: readonly NamedRoute[],
  setting: object,
): object {
  const own = (host: string | undefined) => routes.filter((route) => route.host === host);
  const isBasic = (host: string | undefined) => own(host).length === 1 && own(host)[0]?.path === "/";
  const leading = ({ pool }: NamedRoute) => ({ backendAddressPool: pool, backendHttpSettings: setting });
  return {
    urlPathMaps: hosts.flatMap((host, index) => {
      const [first] = own(host);
      if (isBasic(host) || first === undefined) return [];
      const { backendAddressPool, backendHttpSettings } = leading(first);
      return [
        {
          ...part("urlPathMaps", `map-${index}`),
          defaultBackendAddressPool: backendAddressPool,
          defaultBackendHttpSettings: backendHttpSettings,
          pathRules: own(host).map((route, at) => ({
            name: `path-${at}`,
            id: `${gatewayId}/urlPathMaps/map-${index}/pathRules/path-${at}`,
            paths: [`${route.path}*`],
            ...leading(route),
          })),
        },
      ];
    }),
    requestRoutingRules: hosts.map((host, index) => {
      const [first] = own(host);
      const basic = isBasic(host) && first !== undefined;
      return {
        ...part("requestRoutingRules", `rule-${index}`),
        priority: index + 1,
        httpListener: part("httpListeners", `listener-${index}`),
        ruleType: basic ? "Basic" : "PathBasedRouting",
        ...(basic ? leading(first) : { urlPathMap: part("urlPathMaps", `map-${index}`) }),
      };
    }),
  };
}
