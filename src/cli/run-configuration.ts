import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Case } from "../diagnosis/case.ts";
import { prepare } from "../gateway/config/prepare.ts";
import { PreparationError, type PreparedGateway } from "../gateway/config/prepared.ts";
import { type CertificateWithKey, selfSignedCertificate } from "../gateway/config/self-signed.ts";
import { TicketSecret } from "../gateway/config/ticket-keys.ts";
import type { DocumentedCause } from "../gateway/explain/documented-cause.ts";
import { DoorRefused } from "../gateway/server.ts";
import type { PortableConfiguration } from "../gateway/workers/messages.ts";
import { doorName } from "../gateway/workers/port-plan.ts";
import { portableRecords, recordsOf } from "../gateway/workers/portable.ts";
import { buildModel, type ConfigurationRecords } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import type { Observations } from "../model/observations.ts";
import { idKey } from "../model/resource.ts";
import { rootsBeside } from "../probe/well-known-roots.ts";
import { failureLine } from "./case-warnings.ts";
import { documentedCauses } from "./documented-causes.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import { Progress } from "./progress.ts";
import { readCase } from "./read-case.ts";
import type { RunCall } from "./run-options.ts";

/** A gateway with the documents it was read from. */
export interface RunConfiguration {
  /** Counts up with every reading, from 1. */
  readonly number: number;
  /** Of the documents alone: nothing was seen in it. */
  readonly kase: Case;
  readonly prepared: PreparedGateway;
  /** What the documents alone say of servers that are silent. */
  readonly documented: DocumentedCause;
  /** What was exported beside the configuration: seen elsewhere, and earlier. */
  readonly exported: Observations;
  readonly material: RunMaterial;
}

/** What making it ready took beside the documents: with the same, any process makes the same of them. */
export interface RunMaterial {
  /** By path: certificates and error pages. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** By the names they are for. */
  readonly selfSigned: ReadonlyMap<string, CertificateWithKey>;
  /** So that clients go on with their TLS sessions whichever process they come to. */
  readonly ticketSecret: Buffer;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Reads the documents of a call, again and again. */
export class ConfigurationReader {
  readonly #args: Arguments;
  readonly #call: RunCall;
  readonly #io: Io;
  /** Certificates that were made stay the same over every reload. */
  readonly #selfSigned = new Map<string, CertificateWithKey>();
  readonly #ticketSecret = new TicketSecret(randomBytes);
  #number = 0;

  constructor(args: Arguments, call: RunCall, io: Io) {
    this.#args = args;
    this.#call = call;
    this.#io = io;
  }

  /** Throws `UsageError` where it cannot be served, `UnreadableDocuments` where nothing could be read. */
  async read(): Promise<RunConfiguration> {
    const read = await readCase(this.#args, this.#io, new Progress(this.#io, false));
    if ("unreadable" in read) throw new UnreadableDocuments(read.unreadable.map(failureLine));
    const [gateway, ...others] = read.gateways;
    if (gateway === undefined) throw new Error("there is no gateway");
    if (others.length > 0) {
      const names = read.gateways.map(({ name }) => name).slice(0, 5);
      throw new UsageError(`there are several gateways: say which with --gateway: ${names.join(", ")}`);
    }
    const files = new Map<string, Buffer>();
    const nowMs = this.#io.now();
    const ticketSecret = this.#ticketSecret.at(nowMs);
    const prepared = await orUsage(
      prepare(gateway, this.#call.prepare, {
        readFile: async (path, limitBytes) => {
          const content = files.get(path) ?? (await limitedFile(path, limitBytes));
          files.set(path, content);
          return content;
        },
        selfSigned: (names) => this.#certificateFor(names, nowMs),
        ticketSecret,
        nowMs,
      }),
    );
    if (prepared.doors.length === 0) throw new NoListener(prepared);
    this.#number += 1;
    const { records, listedTypes, observations } = read.set;
    const kase = caseOf({ records, listedTypes }, read.model, this.#call, { prepared, nowMs });
    return {
      number: this.#number,
      kase,
      prepared,
      documented: await documentedCauses(kase, gateway),
      exported: observations,
      material: { files, selfSigned: this.#selfSigned, ticketSecret, nowMs },
    };
  }

  #certificateFor(names: readonly [string, ...string[]], nowMs: number): CertificateWithKey {
    const key = names.join(" ");
    const made = this.#selfSigned.get(key) ?? selfSignedCertificate(names, nowMs);
    this.#selfSigned.set(key, made);
    return made;
  }
}

/** What another process needs to make the same of it. */
export function portableOf(
  { number, kase, prepared, material }: RunConfiguration,
  ports: ReadonlyMap<string, number>,
): PortableConfiguration {
  return {
    number,
    gateway: prepared.gateway.id,
    ...portableRecords(kase.configuration),
    ...material,
    ports,
  };
}

/** What another process has read, to be served with it at the same ports. */
export async function configurationFrom(
  portable: PortableConfiguration,
  call: RunCall,
  sharedPorts: boolean,
): Promise<RunConfiguration> {
  const { number, files, selfSigned, ticketSecret, nowMs, ports } = portable;
  const records = recordsOf(portable);
  const model = buildModel(records);
  const gateway = model.gateways.find(({ id }) => idKey(id) === idKey(portable.gateway));
  if (gateway === undefined) throw new Error(`there is no gateway ${portable.gateway}`);
  const prepared = await prepare(gateway, call.prepare, {
    readFile: async (path) => {
      const content = files.get(path);
      if (content === undefined) throw new Error("it was not read before");
      return content;
    },
    selfSigned: (names) => selfSigned.get(names.join(" ")) ?? selfSignedCertificate(names, nowMs),
    ticketSecret,
    nowMs,
  });
  const doors = prepared.doors.map((door) => ({
    ...door,
    port: ports.get(doorName(door)) ?? door.port,
    shared: sharedPorts,
  }));
  const kase = caseOf(records, model, call, { prepared, nowMs });
  return {
    number,
    kase,
    prepared: { ...prepared, doors },
    documented: await documentedCauses(kase, gateway),
    exported: nothingSeen,
    material: { files, selfSigned, ticketSecret, nowMs },
  };
}

function caseOf(
  configuration: ConfigurationRecords,
  model: Model,
  { switches }: RunCall,
  { prepared, nowMs }: { readonly prepared: PreparedGateway; readonly nowMs: number },
): Case {
  const wellKnownRoots = rootsBeside(prepared.moreRoots);
  return { configuration, model, observations: nothingSeen, switches, wellKnownRoots, nowMs };
}

const nothingSeen: Observations = { healthReports: [], traffic: undefined, activities: [], live: [] };

/** Nothing could be read, which has been said; the message says it again. */
export class UnreadableDocuments extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join("; "));
  }
}

/** Nothing of it can be served; `prepared` tells why. */
export class NoListener extends UsageError {
  readonly prepared: PreparedGateway;

  constructor(prepared: PreparedGateway) {
    super("there is no listener that can be served");
    this.prepared = prepared;
  }
}

/** What the call or the machine has wrong is said in one line. */
export async function orUsage<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof PreparationError || error instanceof DoorRefused)
      throw new UsageError(error.message);
    throw error;
  }
}

async function limitedFile(path: string, limitBytes: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
  return readFile(path);
}
