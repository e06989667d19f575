import type { Generation } from "../../model/gateway.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import type { LineWriter } from "./line-writer.ts";
import { V1Lines } from "./v1-lines.ts";
import { type LogIdentity, V2Lines } from "./v2-lines.ts";

/** The access log of one worker: a row an exchange, as a gateway of this generation writes it, and what Causeway adds. */
export class AccessLog {
  readonly #lines: V1Lines | V2Lines;
  readonly #writer: LineWriter;

  constructor(generation: Generation, identity: LogIdentity, writer: LineWriter) {
    this.#lines = generation === "v1" ? new V1Lines(identity) : new V2Lines(identity);
    this.#writer = writer;
  }

  record(record: ExchangeRecord): void {
    this.#writer.write(this.#lines.partsOf(record));
  }
}
