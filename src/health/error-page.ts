/** A product whose own error page is known by its text. */
interface KnownPage {
  readonly product: string;
  /** All must be in the page; lower case. */
  readonly marks: readonly string[];
}

/** In the order in which they are tried; the gateway's own page first, because others quote less of it. */
const known: readonly KnownPage[] = [
  { product: "application-gateway", marks: ["<center>microsoft-azure-application-gateway/v2</center>"] },
  { product: "application-gateway", marks: ["<center>microsoft-azure-application-gateway</center>"] },
  { product: "causeway", marks: ["<center>causeway</center>"] },
  { product: "nginx", marks: ["<center>nginx"] },
  { product: "openresty", marks: ["<center>openresty"] },
  { product: "haproxy", marks: ["<html><body><h1>", "no server is available to handle this request"] },
  {
    product: "haproxy",
    marks: ["<html><body><h1>502 bad gateway</h1>", "the server returned an invalid or incomplete response"],
  },
  {
    product: "haproxy",
    marks: ["<html><body><h1>504 gateway time-out</h1>", "the server didn't respond in time"],
  },
  { product: "apache", marks: ['<!doctype html public "-//ietf//dtd html 2.0//en">', "<address>apache"] },
  { product: "apache", marks: ['<!doctype html public "-//ietf//dtd html 2.0//en">', "proxy server"] },
  { product: "app-service", marks: ["404 web site not found"] },
  { product: "app-service", marks: ["error 403 - this web app is stopped"] },
  { product: "app-service", marks: ["error 403 - forbidden", "azurewebsites"] },
  { product: "front-door", marks: ["our services aren't available right now", "x-azure-ref"] },
  { product: "iis", marks: ["<fieldset>", "server error in application"] },
  { product: "traefik", marks: ["404 page not found"] },
  { product: "envoy", marks: ["upstream connect error or disconnect/reset before headers"] },
  { product: "envoy", marks: ["no healthy upstream"] },
];

/** The product whose page an answer carries; undefined for successes and pages nobody knows. */
export function pageOf(status: number | undefined, page: string): string | undefined {
  if (status === undefined || status < 400) return undefined;
  const text = page.toLowerCase();
  return known.find(({ marks }) => marks.every((mark) => text.includes(mark)))?.product;
}
