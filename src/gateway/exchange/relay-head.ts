import type { HeaderFields } from "../../wire/http1/fields.ts";
import { EndToEnd } from "../../wire/http1/hop-by-hop.ts";

const endToEnd = new EndToEnd();

/** The field lines of a response that go on to the client. */
export function relayedLines(fields: HeaderFields): string {
  endToEnd.read(fields);
  return endToEnd.lines();
}

/** Written by the gateway itself, or for the gateway only: what clients send under these names is not passed on. */
const written = [
  "host",
  "expect",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-original-host",
  "x-original-url",
  "x-appgw-trace-id",
];

/** The field lines of a request that go on to a server. */
export function passedLines(fields: HeaderFields): string {
  endToEnd.read(fields);
  for (const name of written) endToEnd.dropNamed(name);
  return endToEnd.lines();
}
