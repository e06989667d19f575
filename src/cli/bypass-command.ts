import type { Command } from "./command-table.ts";
import { exitCodes, meaning } from "./exit-codes.ts";
import { type Option, sharedOptions } from "./options.ts";
import { sendingOptions } from "./sending-options.ts";

const options: readonly Option[] = [
  {
    name: "case",
    value: "PATH",
    multiple: true,
    about: "The exported documents, as for diagnose: a file, a folder or -.",
  },
  {
    name: "tries",
    value: "N",
    about: "How often each place is asked, 1 to 100. Default: 3, with methods that may change something 1.",
  },
  { name: "method", short: "m", value: "METHOD", about: "Instead of GET; the request has no body." },
  {
    name: "header",
    short: "H",
    value: "NAME: VALUE",
    multiple: true,
    about: "A header of the request. Its value is never shown.",
  },
  {
    name: "via",
    value: "ADDRESS[:PORT]",
    about: "Reach the gateway here, whatever the host of the URL leads to.",
  },
  ...sendingOptions,
  {
    name: "format",
    short: "f",
    value: "FORMAT",
    values: ["text", "json"],
    about: "How to write it: text (default) or json.",
  },
  ...sharedOptions,
  {
    name: "gateway",
    short: "g",
    value: "NAME",
    about: "Through this gateway of the documents (name or resource id).",
  },
];

/** `causeway bypass`, but for the option that takes switches. */
export const bypassCommand: Command = {
  name: "bypass",
  operands: "URL --case PATH...",
  summary: "Ask through the gateway and straight at its servers: whose error is it?",
  about: [
    "Sends the request of a client through the gateway, and the same request straight to every server of the route it takes: with the Host, path, port and server name (SNI) that the gateway would send. Both come in turns, from this machine. Then says in one sentence whether the backend itself fails, or only what goes through the gateway, or only some servers.",
    "A failure is an answer of 500 and above, none at all, an error that the gateway makes itself, or a refusal through the gateway that no server gives. A server that fails is asked once more with the Host of the URL, where the gateway would send another. The certificate of the gateway is not held against it, but what is wrong with it is told.",
    "A method other than GET, HEAD and OPTIONS may change something on every server of the route. Values of headers, bodies and the query of the URL appear nowhere.",
  ],
  options,
  examples: [
    "causeway bypass https://shop.contoso.com/cart --case exports/",
    "causeway bypass https://shop.contoso.com/ --case gateway.json --via 203.0.113.7 --tries 10",
    "causeway bypass https://shop.contoso.com/api --case exports/ -H 'Authorization: Bearer ...'",
  ],
  exits: [
    meaning(exitCodes.fine, "nothing failed"),
    meaning(exitCodes.found, "something failed, or it cannot be told whose error it is"),
    meaning(exitCodes.usage, "the input or the usage is wrong"),
    meaning(exitCodes.failed, "Causeway itself failed"),
    exitCodes.interrupted,
  ],
  load: async () => (await import("./commands/bypass.ts")).bypass,
};
