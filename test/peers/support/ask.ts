import { expect } from "vitest";
import { folderWith, runCli } from "../../cli/run-cli.ts";
import { validProbeReport } from "../../report/schema.ts";
import type { TestCertificate } from "../../support/certificates.ts";
import { a } from "../../support/dns-message.ts";
import { dnsServer } from "../../support/dns-server.ts";
import { liveGateway } from "../../support/gateway-document.ts";
import type { Place } from "./places.ts";

/** The gateway that probes: v2 and plain HTTP to an address, unless told. */
export interface Asking {
  readonly generation?: "v1" | "v2";
  readonly protocol?: "Http" | "Https";
  /** A pool member by name; it is resolved to the peer's address. */
  readonly target?: string;
  readonly probe?: Readonly<Record<string, unknown>>;
  readonly setting?: Readonly<Record<string, unknown>>;
  /** v2: uploaded and attached to the setting. */
  readonly roots?: readonly TestCertificate[];
  /** v1 */
  readonly authenticationCertificates?: readonly TestCertificate[];
}

/** What `causeway probe --format json` must say of the one probe it sends. */
export interface Finding {
  readonly outcome: "healthy" | "unhealthy" | "undecided";
  /** A kind of verdict, or a matcher where the system decides between some. */
  readonly kind: unknown;
  /** Keys of the messages that backend health would show. */
  readonly messages?: readonly string[];
  readonly says?: RegExp;
  /** As expected of every peer that runs: connected. */
  readonly tcp?: unknown;
  /** Facts of the phase; null = it was not reached. */
  readonly tls?: Readonly<Record<string, unknown>> | null;
  readonly http?: Readonly<Record<string, unknown>> | null;
}

/** Probes the peer at this place with a gateway composed for it. */
export async function expectProbe(place: Place, asking: Asking, finding: Finding): Promise<void> {
  await using dns = await dnsServer(({ name }) => [a(name, place.address)]);
  using folder = folderWith({ "gateway.json": gatewayDocument(place, asking) });
  const words = ["probe", folder.path, "--format", "json", "--dns", `${dns.address}:${dns.port}`];
  const { code, stdout, stderr } = await runCli(words);
  expect(stderr).toBe("");
  const { says, tcp = "connected", tls, http, ...verdict } = finding;
  expect(validProbeReport(stdout)).toMatchObject({
    probes: [
      {
        noResult: null,
        verdict: { ...verdict, ...(says === undefined ? {} : { says: expect.stringMatching(says) }) },
        observation: {
          tcp: { address: place.address, port: place.port, outcome: tcp },
          ...(tls === undefined ? {} : { tls }),
          ...(http === undefined ? {} : { http }),
        },
      },
    ],
  });
  expect(code).toBe(finding.outcome === "healthy" ? 0 : 1);
}

const sku = {
  v1: { name: "Standard_Medium", tier: "Standard", capacity: 2 },
  v2: { name: "Standard_v2", tier: "Standard_v2", capacity: 2 },
} as const;

function gatewayDocument({ address, port }: Place, asking: Asking) {
  const { generation = "v2", protocol = "Http", target = address, probe, setting } = asking;
  const roots = uploaded("trustedRootCertificates", asking.roots ?? []);
  const own = uploaded("authenticationCertificates", asking.authenticationCertificates ?? []);
  const backend = {
    name: "peer",
    servers: [target],
    port,
    protocol,
    probe: { timeout: 5, ...probe },
    setting: { ...references(roots), ...references(own), ...setting },
  };
  return liveGateway([backend], { sku: sku[generation], ...roots, ...own });
}

type Uploaded = Readonly<Record<string, readonly { readonly id: string; readonly data: string }[]>>;

function uploaded(collection: string, certificates: readonly TestCertificate[]): Uploaded {
  const { id } = liveGateway([]);
  return {
    [collection]: certificates.map(({ der }, index) => ({
      id: `${id}/${collection}/uploaded-${index}`,
      name: `uploaded-${index}`,
      data: der.toString("base64"),
    })),
  };
}

function references(parts: Uploaded): Readonly<Record<string, readonly { readonly id: string }[]>> {
  return Object.fromEntries(
    Object.entries(parts).map(([collection, items]) => [collection, items.map(({ id }) => ({ id }))]),
  );
}
