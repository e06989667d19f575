import type { AzureResource } from "./resource.ts";

/**
 * One small world: the resources as an operator would export them, and what no document holds. The network is realised from
 * the resources (`lab/network`), so the two cannot disagree.
 */
export interface LabWorld {
  readonly resources: readonly AzureResource[];
  readonly hosts: readonly Host[];
  readonly gateway: GatewayPlace;
  /** What the public DNS says: name → addresses, or the one name it stands for. */
  readonly publicNames: Readonly<Record<string, readonly string[] | { readonly cname: string }>>;
  /** What an operator exports beside resources, such as an activity log: file name → JSON. */
  readonly exports?: Readonly<Record<string, unknown>>;
  /** Behind the virtual network gateway of a network. */
  readonly onPremises?: OnPremises;
}

/** The gateway's instances; they stand in no document. */
export interface GatewayPlace {
  /** In the gateway's subnet. The first one serves, probes and is where `--live` is called from. */
  readonly instances: readonly string[];
  /** The DNS servers that it took when it was started; default: what its network says. */
  readonly dnsServers?: readonly string[];
  /** More options of `causeway run`. */
  readonly options?: readonly string[];
}

export interface OnPremises {
  /** Name of the network with the virtual network gateway. */
  readonly network: string;
  /** Prefixes that are announced by BGP; `0.0.0.0/0` = forced tunnelling. */
  readonly announces: readonly string[];
}

/** A machine: a network namespace with programs. */
export interface Host {
  readonly name: string;
  readonly at: /** Addresses and subnet are those of the interface among the resources. */
    | { readonly nic: string }
    /** An Azure Firewall among the resources: it passes on what the network rules there allow. */
    | { readonly firewall: string }
    /** In a subnet, at an address that no resource owns: what was not exported. */
    | { readonly subnet: string; readonly address: string }
    | { readonly onPremises: string }
    | { readonly internet: string };
  readonly programs: readonly Program[];
  /** Addresses beside those of its interface, which only routes lead to: pods behind a node. */
  readonly innerAddresses?: readonly string[];
  readonly firewall?: HostFirewall;
  /** A network appliance: passes on what is not for itself. */
  readonly forwards?: boolean;
  /** The machine is off or hangs: nothing answers, not even ARP. A stopped VM among the resources is off without it. */
  readonly silent?: boolean;
}

export interface FirewallRule {
  /** drop = silence, reject = RST, lose-two = the first two packets of every connection are lost, which costs them 2 s or more. */
  readonly action: "accept" | "drop" | "reject" | "lose-two";
  readonly protocol?: "tcp" | "udp";
  readonly ports?: readonly number[];
  readonly from?: readonly string[];
  readonly to?: readonly string[];
}

/** First match decides; nothing matched = accepted. */
export interface HostFirewall {
  readonly input?: readonly FirewallRule[];
  /** Of appliances. */
  readonly forward?: readonly FirewallRule[];
  /** Of appliances: packets of connections whose beginning it did not see are dropped. Default true. */
  readonly stateful?: boolean;
  /** Of appliances: what it passes on has its own address as source. */
  readonly masquerade?: boolean;
}

export interface ServerTls {
  /** PEM: the leaf, then what the server sends with it. */
  readonly certificate: string;
  readonly key: string;
  readonly minVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
  /** PEM of the authority of clients: a client without a certificate is refused. */
  readonly clientCa?: string;
  /** Certificates by server name; a handshake with any other name, or none, gets the one above. */
  readonly byName?: Readonly<Record<string, { readonly certificate: string; readonly key: string }>>;
  /** Handshakes with any other name than these, or none, are ended. */
  readonly onlyNames?: readonly string[];
}

export type Program =
  /** A Node server whose answers are made by `lab/hosts/behaviours/<behaviour>.ts`. */
  | {
      readonly kind: "node";
      readonly behaviour: string;
      /** For the behaviour; JSON. */
      readonly options?: unknown;
      /** The behaviour also gets the world's resources of this type, as they are now, instead of `options`. */
      readonly servesResources?: string;
      readonly port: number;
      /** Default 0.0.0.0. */
      readonly address?: string;
      readonly tls?: ServerTls;
    }
  /**
   * Real servers; `config` is their configuration (nginx: inside `http {}`; apache: what follows the common part; haproxy:
   * what follows `defaults`; openssl: the arguments of `s_server`, a line each). `$DIR` = the folder with `files`.
   */
  | {
      readonly kind: "nginx" | "apache" | "haproxy" | "openssl";
      readonly config: string;
      readonly files?: Readonly<Record<string, string>>;
      /** Ports it listens on; it is waited for until it does. */
      readonly ports: readonly number[];
    }
  /** A DNS server on port 53. */
  | {
      readonly kind: "dns";
      /** Name → addresses; an empty list = the name does not exist. */
      readonly records: Readonly<Record<string, readonly string[]>>;
      /** Where everything else is asked; without, it does not exist. Usually 168.63.129.16. */
      readonly forwardTo?: readonly string[];
      /** Zones it is the authority of: what it has no record of does not exist. */
      readonly zones?: readonly string[];
      /** How long its records may be kept. Default 1. */
      readonly ttlS?: number;
    };
