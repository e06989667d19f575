/** A product whose own error page is known by its text. */
interface KnownPage {
  readonly product: string;
  /** All must be in the page. Lower case, each blank or break as one blank. */
  readonly marks: readonly string[];
  /** The page is this text and nothing else. */
  readonly whole?: true;
}

/** Before the status and its words; what stands behind them is told apart by text. */
const haproxyHead = "<html><body><h1>";

/** Error pages of Apache httpd, with and without its signature; the document type changed in its later versions. */
const apacheTypes = [
  '<!doctype html public "-//ietf//dtd html 2.0//en">',
  '<!doctype html public "-//w3c//dtd html 4.01//en" "http://www.w3.org/tr/html4/strict.dtd">',
];

/**
 * Marks are of pages that no application writes by chance. The page of a v1 gateway is the one that comes with IIS, so it
 * is called that. What every program in Go answers (`404 page not found`) tells of no product.
 */
const known: readonly KnownPage[] = [
  { product: "application-gateway", marks: ["<hr><center>microsoft-azure-application-gateway/"] },
  { product: "causeway", marks: ["<hr><center>causeway</center>"] },
  { product: "nginx", marks: ["<hr><center>nginx"] },
  { product: "openresty", marks: ["<hr><center>openresty"] },
  ...[
    "your browser sent an invalid request.",
    "request forbidden by administrative rules.",
    "the resource could not be found.",
    "your browser didn't send a complete request in time.",
    "an internal server error occurred.",
    "the server returned an invalid or incomplete response.",
    "no server is available to handle this request.",
    "the server didn't respond in time.",
  ].map((text) => ({ product: "haproxy", marks: [haproxyHead, `</h1> ${text} </body></html>`] })),
  ...apacheTypes.map((type) => ({
    product: "apache",
    marks: [`${type} <html><head> <title>`, "</title> </head><body> <h1>"],
  })),
  { product: "http.sys", marks: ["<body><h2>", "<hr><p>http error "] },
  { product: "iis", marks: ['<div id="header"><h1>server error', "<fieldset>"] },
  { product: "iis", marks: ["<title>iis ", " detailed error - "] },
  { product: "app-service", marks: ["404 web site not found"] },
  { product: "app-service", marks: ["error 403 - this web app is stopped"] },
  { product: "app-service", marks: ["the web app you have attempted to reach"] },
  {
    product: "front-door",
    marks: ["our services aren't available right now", "we're working to restore all services"],
  },
  { product: "traefik", marks: ["no available server"], whole: true },
  { product: "envoy", marks: ["upstream connect error or disconnect/reset before headers"] },
  { product: "envoy", marks: ["no healthy upstream"], whole: true },
  { product: "envoy", marks: ["upstream request timeout"], whole: true },
];

/** The product whose page an answer carries; undefined for successes and pages nobody knows. */
export function pageOf(status: number | undefined, page: string): string | undefined {
  if (status === undefined || status < 400) return undefined;
  const text = page.toLowerCase().replace(/\s+/g, " ").trim();
  return known.find(({ marks, whole }) =>
    whole ? marks.includes(text) : marks.every((mark) => text.includes(mark)),
  )?.product;
}
