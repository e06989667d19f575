import type { HealthMessage } from "../health/message.ts";
import type { ProbePlan } from "../health/probe-plan.ts";
import type { RequestPlan } from "../health/request-plan.ts";
import type { Switches } from "../health/switches.ts";
import type { Certificate, Gateway } from "../model/gateway.ts";
import type {
  AzureFirewall,
  IpConfiguration,
  LoadBalancer,
  NetworkInterface,
  PrivateEndpoint,
  ScaleSet,
  ScaleSetInstance,
  VirtualMachine,
} from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import type {
  ActivityObservation,
  DrainCutObservation,
  HealthObservation,
  LogSample,
  ServerTraffic,
  TrafficCounts,
  TrafficLog,
  TrafficObservation,
} from "../model/observations.ts";
import type { ApiManagementService, ContainerAppsEnvironment, WebSite } from "../model/services.ts";
import type { NameAnswer } from "../network/names.ts";
import type { NetworkPath } from "../network/path.ts";
import type { Pair, Route, Server, Wiring } from "../routing/routes.ts";
import type { Layer } from "./finding.ts";
import type { JudgedExchange, Live } from "./live-evidence.ts";

/**
 * The views of a case that checks may read. A cause declares which ones it reads and sees no others; what a view is
 * made of says which documents a check needs. All are pure, lazy and remembered within one diagnosis.
 */
export interface Facets {
  readonly gateway: Gateway;
  /** Every gateway among the documents, this one too: they share subnets and stand behind each other. */
  readonly gateways: readonly Gateway[];
  readonly wiring: Wiring;
  readonly plans: Plans;
  readonly reach: Reach;
  readonly names: Names;
  readonly health: Health;
  readonly traffic: Traffic;
  readonly live: Live;
  readonly hosts: Hosts;
  readonly services: Services;
  readonly certificates: Certificates;
  readonly network: Network;
  readonly activities: readonly ActivityObservation[];
  /** What our own gateway ended when servers had left. */
  readonly drainCuts: readonly DrainCutObservation[];
  readonly clock: { readonly nowMs: number };
}

export type Facet = keyof Facets;

/** What the gateway would send; the same planning that probing and the gateway itself use. */
export interface Plans {
  readonly switches: Switches;
  probe(server: Server): ProbePlan;
  request(server: Server): RequestPlan;
}

/** Static reachability from the gateway subnet. */
export interface Reach {
  /**
   * The way to the server at its probe port; undefined when its address is unknown (a name that was not resolved). A
   * public name has the way to any public address, where that is blocked for all of them.
   */
  of(server: Server): NetworkPath | undefined;
  /** The same at the port requests go to, which may differ from the probe's. */
  atRequestPort(server: Server): NetworkPath | undefined;
  /** Addresses the server stands for: itself, or what its name resolves to by configuration. */
  addresses(server: Server): readonly string[];
  /** All servers with a path, in wiring order. */
  readonly paths: readonly { readonly server: Server; readonly path: NetworkPath }[];
  /** Those whose path says no. */
  readonly blocked: readonly { readonly server: Server; readonly path: NetworkPath }[];
  /** Those whose path could not be told. */
  readonly unclear: readonly { readonly server: Server; readonly path: NetworkPath }[];
  /** Those that joined by an IP configuration which was not exported: they have an address, but nobody knows it. */
  readonly unaddressed: readonly Server[];
  /** Those whose probe is not blocked while requests, which go to another port, are: their path at that port. */
  readonly requestsBlocked: readonly { readonly server: Server; readonly path: NetworkPath }[];
  /** Any other address, e.g. a DNS server's port 53. */
  to(address: string, port: number, protocol?: "tcp" | "udp"): NetworkPath;
}

export interface Names {
  /** Undefined for members that are addresses. */
  of(server: Server): NameAnswer | undefined;
  resolve(name: string): NameAnswer;
  /** Every distinct backend name once, with the servers that stand for it, in wiring order. */
  readonly asked: readonly AskedName[];
}

export interface AskedName {
  readonly answer: NameAnswer;
  readonly servers: readonly Server[];
}

/** How a server's probe went: as the gateway reports it, or as it went when it was sent from here. */
export interface HealthEntry {
  readonly server: Server;
  /** Of a live probe: what the report would say, with the report's own text where there is one. */
  readonly observation: HealthObservation;
  readonly message: HealthMessage;
  /** The layers the probe got past before it ended; nothing at one of them can be what stops it. */
  readonly passed: readonly Layer[];
  /** Set when it was sent from here: this is then the evidence. */
  readonly live: JudgedExchange | undefined;
  /** What the gateway's own report says of the server, also where a live probe tells more. */
  readonly reported:
    | { readonly health: HealthObservation["health"]; readonly message: HealthMessage }
    | undefined;
}

/** How the servers' probes went: the backend-health report and live probes, joined to the servers of the wiring. */
export interface Health {
  /** False when nobody told of all servers, neither a report nor live probes: nothing can be concluded from silence. */
  readonly exported: boolean;
  of(server: Server): HealthEntry | undefined;
  readonly entries: readonly HealthEntry[];
  readonly unhealthy: readonly HealthEntry[];
  /** True when every entry of the report is `Unknown` and there is at least one. */
  readonly allUnknown: boolean;
  /** What the servers of a pair were, at a glance. */
  pair(pair: Pair): { readonly healthy: number; readonly unhealthy: number; readonly unknown: number };
  /** How many servers the report lists for a pair, members by configuration or not; undefined = it has no such pair. */
  reported(pair: Pair): number | undefined;
}

/** The access log, joined to the routes. */
export interface Traffic {
  readonly log: TrafficLog | undefined;
  ofRoute(route: Route): readonly TrafficObservation[];
  ofPair(pair: Pair): readonly TrafficObservation[];
  ofServer(server: Server): readonly ServerTraffic[];
  /** The pairs the log has rows of, in wiring order. */
  readonly pairs: readonly PairTraffic[];
  /** Rows that could belong to several pairs: of v1 logs and others that name no rule, or of rules that are gone. */
  readonly unattributed: readonly TrafficObservation[];
  /** Of these, the servers that no pair or several pairs have. */
  readonly unplaced: readonly ServerTraffic[];
}

/** The rows that certainly belong to one pair: by the names they carry, or by a server that no other pair has. */
export interface PairTraffic {
  readonly pair: Pair;
  /** Observations that are this pair's alone. */
  readonly observations: readonly TrafficObservation[];
  /** Counts in which every row stands once: those observations, and the servers out of others. */
  readonly counts: readonly TrafficCounts[];
  readonly servers: readonly ServerTraffic[];
  readonly samples: readonly LogSample[];
}

/** Who owns an address, among everything exported. */
export interface Hosts {
  ownersOf(address: string): readonly AddressOwner[];
  /** The owner of a server's address, or of the IP configuration it joined by. */
  of(server: Server): readonly AddressOwner[];
  /** Machines and instances, with the names and addresses they have now. */
  readonly machines: readonly Machine[];
}

export type AddressOwner =
  | {
      readonly kind: "ipConfiguration";
      readonly ipConfiguration: IpConfiguration;
      readonly networkInterface: NetworkInterface;
      readonly machine: VirtualMachine | undefined;
    }
  | {
      readonly kind: "scaleSetInstance";
      readonly ipConfiguration: IpConfiguration;
      readonly networkInterface: NetworkInterface;
      readonly scaleSet: ScaleSet;
      readonly instance: ScaleSetInstance | undefined;
    }
  | { readonly kind: "privateEndpoint"; readonly privateEndpoint: PrivateEndpoint }
  | { readonly kind: "loadBalancer"; readonly loadBalancer: LoadBalancer }
  | { readonly kind: "azureFirewall"; readonly azureFirewall: AzureFirewall }
  | { readonly kind: "containerAppsEnvironment"; readonly environment: ContainerAppsEnvironment }
  | { readonly kind: "apiManagement"; readonly service: ApiManagementService }
  /** A frontend of an exported gateway, this one or another. */
  | { readonly kind: "applicationGateway"; readonly gateway: Gateway };

export interface Machine {
  readonly name: string;
  readonly machine: VirtualMachine;
  readonly addresses: readonly string[];
}

/** What stands behind a server, where its name, its private endpoint or its owner tells. */
export type Service =
  | {
      readonly kind: "app-service";
      readonly hostName: string | undefined;
      readonly site: WebSite | undefined;
    }
  | {
      readonly kind: "api-management";
      readonly hostName: string | undefined;
      readonly service: ApiManagementService | undefined;
    }
  | {
      readonly kind: "container-apps";
      readonly hostName: string | undefined;
      readonly environment: ContainerAppsEnvironment | undefined;
    }
  | { readonly kind: "storage" | "front-door" | "other-azure"; readonly hostName: string };

export interface Services {
  /** Undefined = a machine, or nothing known. Every kind listed routes by host name. */
  of(server: Server): Service | undefined;
  /** The site that has this host name bound. */
  siteWithHost(hostName: string): WebSite | undefined;
}

export interface ParsedCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly isCa: boolean;
  readonly selfSigned: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Whether it is for this name or address, by the rule the gateway checks with (request-handling.md §8.2). */
  isFor(name: string): boolean;
}

export interface Certificates {
  /** The certificates inside; empty when nothing readable was exported (private keys never are). */
  read(certificate: Certificate): readonly ParsedCertificate[];
}
