/** NSS key log: label, client random, secret, in hex. */
const line = /^([A-Z0-9_]{1,40}) [0-9a-f]{64} ([0-9a-f]{64}|[0-9a-f]{96})\s*$/i;

const labels: ReadonlyMap<string, "handshake" | "application"> = new Map([
  ["SERVER_HANDSHAKE_TRAFFIC_SECRET", "handshake"],
  ["SERVER_TRAFFIC_SECRET_0", "application"],
]);

/**
 * The two secrets under which a TLS 1.3 server writes, as the client's TLS library logs them. Kept here only, never
 * shown, and wiped once nothing is left to read.
 */
export class TrafficSecrets {
  readonly #known = new Map<"handshake" | "application", Buffer>();
  #forgotten = false;

  /** Takes one line of the key log; the client's own secrets are not kept. */
  learn(keyLogLine: Buffer): void {
    const [, label = "", secret = ""] = line.exec(keyLogLine.toString("latin1")) ?? [];
    const stage = labels.get(label);
    if (stage !== undefined && !this.#forgotten) this.#known.set(stage, Buffer.from(secret, "hex"));
  }

  of(stage: "handshake" | "application"): Buffer | undefined {
    return this.#known.get(stage);
  }

  forget(): void {
    for (const secret of this.#known.values()) secret.fill(0);
    this.#known.clear();
    this.#forgotten = true;
  }
}
