import { pageOf } from "../../health/error-page.ts";
import type { AnsweredBy } from "../../model/attempt.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";

/** Pages of products that are known by their text are shorter. */
const keptBytes = 2048;

/** An error that a server answers: what tells who made it, as it goes by. */
export class ErrorPage {
  #status = 0;
  #server: string | undefined;
  #via: string | undefined;
  #beginning = "";

  begin({ status, fields }: Pick<ResponseHead, "status" | "fields">): void {
    this.#status = status;
    this.#server = fields.get("server");
    this.#via = fields.get("via");
    this.#beginning = "";
  }

  take(buffer: Buffer, from: number, to: number): void {
    const room = keptBytes - this.#beginning.length;
    if (room > 0) this.#beginning += buffer.toString("latin1", from, Math.min(to, from + room));
  }

  maker(): AnsweredBy {
    const page = this.#beginning;
    this.#beginning = "";
    return { server: this.#server, via: this.#via, pageOf: pageOf(this.#status, page) };
  }
}
