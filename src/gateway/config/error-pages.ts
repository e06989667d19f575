import type { CustomErrorPage, Gateway, Listener } from "../../model/gateway.ts";
import { type ErrorPages, type NotServed, PreparationError } from "./prepared.ts";

/** A local page instead of one of the configuration: `--error-page [LISTENER/]STATUS=FILE`. */
export interface ErrorPageFile {
  /** Undefined = the gateway's. */
  readonly listener: string | undefined;
  readonly status: number;
  readonly file: string;
}

/** Azure takes pages below 1 MB (request-handling.md §9). */
export const mostPageBytes = 1024 * 1024;

/** Statuses for which Azure takes pages (gateway-resource.md §4.11). */
const statuses = [400, 403, 404, 405, 408, 500, 502, 503, 504];

/** Reads `502=page.html` and `web/502=page.html`. */
export function parseErrorPage(text: string): ErrorPageFile | { readonly fault: string } {
  const match = /^(?:([^=]+)\/)?(\d{3})=(.+)$/.exec(text);
  const status = Number(match?.[2] ?? 0);
  if (match === null || !statuses.includes(status)) {
    return { fault: `expected [LISTENER/]STATUS=FILE with one of ${statuses.join(", ")}, not "${text}"` };
  }
  return { listener: match[1], status, file: match[3] as string };
}

/** The pages by listener and status. Those of the configuration are on the web and are not fetched: files stand for them. */
export async function errorPagesOf(
  gateway: Gateway,
  files: readonly ErrorPageFile[],
  readFile: (path: string, limitBytes: number) => Promise<Buffer>,
): Promise<{ pages: ErrorPages; notServed: NotServed[] }> {
  const loaded = new Map<string, Buffer>();
  for (const { listener, status, file } of files) {
    const known = listener === undefined || gateway.listeners.some(({ name }) => sameName(name, listener));
    if (!known) throw new PreparationError(`--error-page: there is no listener ${listener}`);
    loaded.set(keyOf(listener, status), await readFile(file, mostPageBytes));
  }
  const holders: readonly (Gateway | Listener)[] = [gateway, ...gateway.listeners];
  const notServed = holders.flatMap((holder) =>
    holder.customErrorPages.flatMap((page) => {
      const status = statusOf(page);
      const listener = holder === gateway ? undefined : holder.name;
      return status !== undefined && loaded.has(keyOf(listener, status)) ? [] : [left(holder, gateway, page)];
    }),
  );
  const pages: ErrorPages = {
    pageFor: (listener, status) =>
      (listener && loaded.get(keyOf(listener.name, status))) ?? loaded.get(keyOf(undefined, status)),
  };
  return { pages, notServed };
}

function left(holder: Gateway | Listener, gateway: Gateway, page: CustomErrorPage): NotServed {
  const status = statusOf(page);
  const ofWhat = holder === gateway ? "the gateway" : `the listener ${holder.name}`;
  const name = `${holder === gateway ? "" : `${holder.name}/`}${status ?? 502}`;
  return {
    what: "error-page",
    weight: "less",
    says: `the error page of ${ofWhat} for ${status ?? page.statusCode} is on the web and is not fetched`,
    instead: status === undefined ? undefined : `give a copy of it: --error-page ${name}=FILE`,
    at: holder.source.at("customErrorConfigurations"),
  };
}

function statusOf({ statusCode }: CustomErrorPage): number | undefined {
  const digits = /^(?:HttpStatus)?(\d{3})$/i.exec(statusCode)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const keyOf = (listener: string | undefined, status: number): string =>
  listener === undefined ? `${status}` : `${listener.toLowerCase()}/${status}`;

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
