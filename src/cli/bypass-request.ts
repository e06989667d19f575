import type { ClientRequest } from "../model/exchange-plan.ts";
import { clientFieldsFrom, clientRequestFrom, withoutSecrets } from "./client-request.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments } from "./options.ts";

/** The request a call of `causeway bypass` describes. */
export interface BypassRequest {
  readonly client: ClientRequest & { readonly port: number };
  /** Without its query, for people to see. */
  readonly url: string;
  /** The fields a client sends, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly tries: number;
  /** Its method may change something. */
  readonly unsafe: boolean;
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const mostTries = 100;

/** Throws `UsageError` on what is no request. */
export function bypassRequestFrom(args: Arguments): BypassRequest {
  const [text, ...others] = args.positionals;
  if (text === undefined) {
    throw new UsageError("nothing to ask for: give a URL; see causeway bypass --help");
  }
  if (others.length > 0) {
    throw new UsageError(
      `one URL at a time, not also "${withoutSecrets(others[0] ?? "")}"; documents are given with --case PATH`,
    );
  }
  const { client, url } = clientRequestFrom(text, methodFrom(args.text("method")));
  const unsafe = !safeMethods.has(client.method);
  return {
    client,
    url,
    fields: clientFieldsFrom(args.list("header")),
    tries: triesFrom(args.text("tries"), unsafe),
    unsafe,
  };
}

function methodFrom(text = "GET"): string {
  const method = text.toUpperCase();
  if (/^[A-Z][A-Z-]{0,31}$/.test(method) && method !== "CONNECT") return method;
  throw new UsageError(`--method takes a method like GET or POST, not "${text}"`);
}

/** What is not harmless to repeat is sent once unless the call says otherwise. */
function triesFrom(text: string | undefined, unsafe: boolean): number {
  if (text === undefined) return unsafe ? 1 : 3;
  const tries = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (tries >= 1 && tries <= mostTries) return tries;
  throw new UsageError(`--tries takes a number from 1 to ${mostTries}, not "${text}"`);
}
