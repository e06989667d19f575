import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it, onTestFailed } from "vitest";
import type { TestCertificate } from "../../support/certificates.ts";
import { type Asking, expectProbe, type Finding } from "./ask.ts";
import type { Peer } from "./peer.ts";
import { writeChain } from "./pki.ts";
import { freePlaces, type Place } from "./places.ts";

/** One case of a table: what the peer is told, what is asked of it, and what must be found. */
export interface Scene {
  readonly name: string;
  /** The lines of the peer's configuration that make it listen at the place. */
  readonly serves: (place: Place, help: Help) => string;
  readonly asks?: Asking;
  readonly finds: Finding | (() => Finding);
  /** How often it is asked, where what comes back is a race; once unless told. */
  readonly times?: number;
}

export interface Help {
  /** Where the peer may read files. */
  readonly folder: string;
  /** A file with these certificates in this order and the key of the first. */
  readonly pem: (...chain: TestCertificate[]) => string;
}

/** A folder that other users may enter: some servers give root up. */
export function peerFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "causeway-peer-"));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function helpIn(folder: string): Help {
  let count = 0;
  return {
    folder,
    pem: (...chain) => {
      count += 1;
      return writeChain(folder, `chain-${count}`, chain);
    },
  };
}

/** Characters of its log, when a case fails. */
const logShown = 2_000;

type Start = (parts: readonly string[], folder: string, readyAt: Place) => Promise<Peer>;

/** One peer serves all scenes of a table, each at a place of its own. */
export function describeScenes(title: string, start: Start, scenes: readonly Scene[]): void {
  describe(title, () => {
    const places = new Map<Scene, Place>();
    const running = new AsyncDisposableStack();
    let peer: Peer | undefined;

    beforeAll(async () => {
      const { path } = running.use(peerFolder());
      const free = await freePlaces(scenes.length);
      const help = helpIn(path);
      const parts = scenes.map((scene, index) => {
        const place = placeOf(free, index);
        places.set(scene, place);
        return scene.serves(place, help);
      });
      peer = running.use(await start(parts, path, placeOf(free, 0)));
    });

    afterAll(() => running.disposeAsync());

    it.each(scenes)("$name", async (scene) => {
      onTestFailed(() => console.error(`What the peer wrote last:\n${peer?.log().slice(-logShown)}`));
      const place = places.get(scene);
      if (place === undefined) throw new Error("the peer was not started");
      const finding = typeof scene.finds === "function" ? scene.finds() : scene.finds;
      for (let count = 0; count < (scene.times ?? 1); count += 1) {
        await expectProbe(place, scene.asks ?? {}, finding);
      }
    });
  });
}

function placeOf(places: readonly Place[], index: number): Place {
  const place = places[index];
  if (place === undefined) throw new Error("no free port");
  return place;
}
