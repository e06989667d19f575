import type { Generation, Listener } from "../../model/gateway.ts";
import type { ErrorPages } from "../config/prepared.ts";
import type { OwnPage, OwnPages } from "../exchange/parts.ts";
import { titleOf } from "./titles.ts";

export interface OwnPagesOptions {
  readonly generation: Generation;
  /** Those of the configuration, which come first. */
  readonly errorPages: ErrorPages;
  /** Pages in the manner of the vendor's gateway instead of ones that name Causeway. */
  readonly azurePages: boolean;
}

/** What the gateway itself says of an error. */
export function ownPagesOf({ generation, errorPages, azurePages }: OwnPagesOptions): OwnPages {
  const pages = new Map<number, OwnPage>();
  const builtIn = (status: number): OwnPage => {
    const known = pages.get(status);
    if (known !== undefined) return known;
    const page = htmlPage(azurePages ? azureHtml(generation, status) : footedHtml(status, "Causeway"));
    pages.set(status, page);
    return page;
  };
  const custom = new WeakMap<Buffer, OwnPage>();
  return {
    server: azurePages && generation === "v2" ? "Microsoft-Azure-Application-Gateway/v2" : "Causeway",
    pageFor: (listener: Listener | undefined, status: number): OwnPage => {
      const body = errorPages.pageFor(listener, status);
      if (body === undefined) return builtIn(status);
      const page = custom.get(body) ?? { contentType: html, body };
      custom.set(body, page);
      return page;
    },
  };
}

const html = "text/html";

function htmlPage(text: string): OwnPage {
  return { contentType: html, body: Buffer.from(text, "latin1") };
}

/** v2: title, heading and the product's name below a line; v1: the look of IIS (request-handling.md §9). */
function azureHtml(generation: Generation, status: number): string {
  if (generation === "v2") return footedHtml(status, "Microsoft-Azure-Application-Gateway/v2");
  const title = `${status} ${titleOf(status)}`;
  return `<!DOCTYPE html>\r\n<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<div id="header"><h1>Server Error</h1></div>\r\n<fieldset><h2>${status} - ${titleOf(status)}</h2></fieldset>\r\n</body>\r\n</html>\r\n`;
}

function footedHtml(status: number, product: string): string {
  const title = `${status} ${titleOf(status)}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${product}</center>\r\n</body>\r\n</html>\r\n`;
}
