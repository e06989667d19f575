import { randomBytes } from "node:crypto";
import { readCertificate } from "../../health/certificates/certificate.ts";
import { encodedCertificates } from "../../health/certificates/encoded.ts";
import { isTls } from "../../health/exchange.ts";
import { defaultSwitches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import { type RoutingSwitches, routerOf } from "../../routing/request-route.ts";
import { rewriterOf } from "../../routing/rewrite/rewriter.ts";
import { wiringOf } from "../../routing/routes.ts";
import { doorsOf } from "./doors.ts";
import { type ErrorPageFile, errorPagesOf } from "./error-pages.ts";
import { gapsOf } from "./not-served.ts";
import type { BackendOptions, CertificateFile, ListenMapping, ResolvedName } from "./options.ts";
import { backendPlaces, noBackends, someOf } from "./places.ts";
import { type NotServed, PreparationError, type PreparedGateway } from "./prepared.ts";
import { rewriteGaps } from "./rewrite-gaps.ts";
import { type CertificateWithKey, selfSignedCertificate } from "./self-signed.ts";
import type { LoadedCertificate } from "./server-certificate.ts";
import { checkWritable } from "./writable.ts";

/** What a call says about this machine. All may be left out. */
export interface PrepareOptions {
  /** Address to listen on where `listen` names none; the default is 127.0.0.1. */
  readonly host?: string;
  readonly listen?: readonly ListenMapping[];
  readonly backends?: BackendOptions;
  readonly resolve?: readonly ResolvedName[];
  readonly dnsServers?: readonly { readonly address: string; readonly port: number }[];
  readonly certificates?: readonly CertificateFile[];
  /** Files of certificates that are trusted beside the well-known roots. */
  readonly authorities?: readonly string[];
  /** Certificates are made for listeners whose key is not at hand. */
  readonly selfSigned?: boolean;
  readonly errorPages?: readonly ErrorPageFile[];
  readonly switches?: RoutingSwitches;
}

/** What preparing needs of the world. */
export interface Surroundings {
  /** Rejects with an error of the system, and for larger files with any error. */
  readFile(path: string, limitBytes: number): Promise<Buffer>;
  /** Where a certificate that is signed by itself comes from; by default it is made. */
  readonly selfSigned?: (names: readonly [string, ...string[]]) => CertificateWithKey;
  /** Where tickets of TLS sessions are to be good for another configuration too; by default they are for this one. */
  readonly ticketSecret?: Buffer;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Far more than a chain and a key. */
const mostCertificateBytes = 256 * 1024;

/**
 * Makes a gateway ready to be served by this machine: where to listen, with which certificates, and what cannot be done.
 * Throws `PreparationError` where the call asks for what the gateway does not have, or for files that cannot be read.
 */
export async function prepare(
  gateway: Gateway,
  options: PrepareOptions,
  surroundings: Surroundings,
): Promise<PreparedGateway> {
  const readFile = reading(surroundings);
  const wiring = wiringOf(gateway);
  checkWritable(wiring.pairs);
  const places = backendPlaces(gateway, options.backends ?? noBackends());
  const files = await loadedCertificates(gateway, options.certificates ?? [], readFile);
  const selfSigned = surroundings.selfSigned ?? ((names) => selfSignedCertificate(names, surroundings.nowMs));
  const certificates = {
    files,
    selfSigned: options.selfSigned === true ? selfSigned : undefined,
    ticketSecret: surroundings.ticketSecret ?? randomBytes(32),
  };
  const { doors, notServed } = doorsOf(gateway, {
    host: options.host ?? "127.0.0.1",
    listen: options.listen ?? [],
    certificates,
  });
  const pages = await errorPagesOf(gateway, options.errorPages ?? [], readFile);
  const router = routerOf(gateway, wiring, options.switches ?? defaultSwitches);
  const rewriter = rewriterOf(gateway, wiring, router);
  return {
    gateway,
    wiring,
    router,
    rewriter,
    doors,
    places,
    moreRoots: await moreRootsOf(options.authorities ?? [], readFile),
    names: { known: namesOf(options.resolve ?? []), dnsServers: options.dnsServers ?? [] },
    errorPages: pages.pages,
    buffering: { request: gateway.requestBuffering, response: gateway.responseBuffering },
    notServed: once([
      ...notServed,
      ...pages.notServed,
      ...gapsOf(gateway, wiring, places),
      ...rewriteGaps(gateway, rewriter.problems),
    ]),
  };
}

function reading({ readFile }: Surroundings): Surroundings["readFile"] {
  return async (path, limitBytes) => {
    try {
      return await readFile(path, limitBytes);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "no permission" : (code ?? message);
      throw new PreparationError(`cannot read ${path}: ${why}`);
    }
  };
}

async function loadedCertificates(
  gateway: Gateway,
  wanted: readonly CertificateFile[],
  readFile: Surroundings["readFile"],
): Promise<LoadedCertificate[]> {
  const secure = gateway.listeners.filter(({ protocol }) => isTls(protocol)).map(({ name }) => name);
  const names = [...gateway.sslCertificates.map(({ name }) => name), ...secure];
  const loaded: LoadedCertificate[] = [];
  for (const { name, file, keyFile } of wanted) {
    if (!names.some((known) => known.toLowerCase() === name.toLowerCase())) {
      throw new PreparationError(
        `--certificate: there is no certificate or TLS listener ${name}${someOf(names)}`,
      );
    }
    const content = await readFile(file, mostCertificateBytes);
    const key = keyFile === undefined ? undefined : await readFile(keyFile, mostCertificateBytes);
    loaded.push({ name, file, content, key });
  }
  return loaded;
}

async function moreRootsOf(
  files: readonly string[],
  readFile: Surroundings["readFile"],
): Promise<(string | Buffer)[]> {
  const roots: (string | Buffer)[] = [];
  for (const file of files) {
    const found = encodedCertificates((await readFile(file, mostCertificateBytes)).toString("latin1"));
    const readable = found.filter((one) => readCertificate(one) !== undefined);
    if (readable.length === 0) throw new PreparationError(`--ca: there is no certificate in ${file}`);
    roots.push(...readable);
  }
  return roots;
}

function namesOf(resolved: readonly ResolvedName[]): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  for (const { name, addresses } of resolved) {
    known.set(name, [...new Set([...(known.get(name) ?? []), ...addresses])]);
  }
  return known;
}

/** Each said once, holes first. */
function once(all: readonly NotServed[]): NotServed[] {
  const distinct = [...new Map(all.map((one) => [one.says, one])).values()];
  return [
    ...distinct.filter(({ weight }) => weight === "hole"),
    ...distinct.filter(({ weight }) => weight === "less"),
  ];
}
