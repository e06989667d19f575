import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { dayMs, makeCertificate } from "../../../test/support/certificates.ts";
import { endAll, printed } from "./processes.ts";

/** Names on the certificates: what clients ask for, and what servers show. */
export const frontName = "shop.contoso.example";
export const backName = "app.contoso.example";

/** Files of a certificate on disk. */
export interface Identity {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Both in one, as HAProxy wants them. */
  readonly bothFile: string;
}

/** A folder for one run of the bench, with the certificates that all subjects use. */
export interface Workshop {
  readonly folder: string;
  readonly rootFile: string;
  readonly front: Identity;
  readonly back: Identity;
  /** Cores for the subject with so many workers, and for all else; undefined = not pinned. */
  subjectCpus(workers: number): string | undefined;
  readonly otherCpus: string | undefined;
}

/** Makes the folder; it and all processes are gone at the end of this process, however that comes. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "causeway-bench-"));
  process.on("exit", () => {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  });
  const leave = () => process.exit(130);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, leave);
  const pins = availableParallelism() >= 2 && printed("taskset", "--version") !== undefined;
  return {
    folder,
    ...certificates(folder),
    subjectCpus: (workers) => (pins ? (workers === 1 ? "0" : "0,1") : undefined),
    otherCpus: pins ? "1" : undefined,
  };
}

/** RSA keys of 2048 bits, as most certificates have; the machine's own time, since real programs read the clock. */
export function certificates(folder: string): Pick<Workshop, "rootFile" | "front" | "back"> {
  const life = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + 30 * dayMs };
  const root = makeCertificate({ commonName: "Contoso Bench Root", ca: true, ...life });
  const rootFile = join(folder, "root.pem");
  writeFileSync(rootFile, root.pem);
  const identity = (name: string, ...more: readonly string[]): Identity => {
    const leaf = makeCertificate({
      commonName: name,
      names: [name, ...more],
      issuer: root,
      rsaBits: 2048,
      ...life,
    });
    const files = {
      certificateFile: join(folder, `${name}.crt`),
      keyFile: join(folder, `${name}.key`),
      bothFile: join(folder, `${name}.pem`),
    };
    writeFileSync(files.certificateFile, leaf.pem + root.pem);
    writeFileSync(files.keyFile, leaf.keyPem);
    writeFileSync(files.bothFile, leaf.pem + root.pem + leaf.keyPem);
    return files;
  };
  // undici asks for the name in the Host field, whatever it is told.
  return { rootFile, front: identity(frontName), back: identity(backName, frontName) };
}

/** A port that was free a moment ago, on all addresses given. */
export async function freePort(addresses: readonly string[] = ["127.0.0.1"]): Promise<number> {
  for (let round = 0; round < 20; round++) {
    const port = await listenOnce(addresses[0] ?? "127.0.0.1", 0);
    const taken = await Promise.all(addresses.slice(1).map((address) => listenOnce(address, port ?? 0)));
    if (port !== undefined && !taken.includes(undefined)) return port;
  }
  throw new Error("no free port");
}

function listenOnce(address: string, port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(undefined));
    server.listen(port, address, () => {
      const bound = server.address();
      server.close(() => done(typeof bound === "object" && bound !== null ? bound.port : undefined));
    });
  });
}
