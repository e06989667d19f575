import { describe, expect, test } from "vitest";
import { pageOf } from "../../src/health/error-page.ts";

const centred = (heading: string, product: string): string =>
  `<html>\r\n<head><title>${heading}</title></head>\r\n<body>\r\n<center><h1>${heading}</h1></center>\r\n<hr><center>${product}</center>\r\n</body>\r\n</html>\r\n`;

const haproxy = (heading: string, text: string): string =>
  `<html><body><h1>${heading}</h1>\n${text}\n</body></html>\n`;

const strict = '"-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd"';
const apache = (type: string, heading: string, end = ""): string =>
  `<!DOCTYPE HTML PUBLIC ${type}>\n<html><head>\n<title>502 ${heading}</title>\n</head><body>\n<h1>${heading}</h1>\n<p>Some words.</p>\n${end}</body></html>\n`;

const iis = (heading: string): string =>
  `<title>${heading}</title>\r\n<body>\r\n<div id="header"><h1>Server Error</h1></div>\r\n<div id="content">\r\n <div class="content-container"><fieldset>\r\n  <h2>${heading}</h2>\r\n </fieldset></div>\r\n</div>\r\n</body>`;

const httpSys =
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML><HEAD><TITLE>Bad Request</TITLE>\r\n<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n<BODY><h2>Bad Request - Invalid Hostname</h2>\r\n<hr><p>HTTP Error 400. The request hostname is invalid.</p>\r\n</BODY></HTML>\r\n';

/** As the products send them; nginx, HAProxy and Apache httpd as Debian packages them. */
const pages: readonly (readonly [string | undefined, number, string])[] = [
  ["application-gateway", 502, centred("502 Bad Gateway", "Microsoft-Azure-Application-Gateway/v2")],
  ["application-gateway", 404, centred("404 Not Found", "Microsoft-Azure-Application-Gateway/v2")],
  ["causeway", 502, centred("502 Bad Gateway", "causeway")],
  ["nginx", 502, centred("502 Bad Gateway", "nginx/1.22.1")],
  ["nginx", 502, centred("502 Bad Gateway", "nginx")],
  ["openresty", 504, centred("504 Gateway Time-out", "openresty")],
  ["haproxy", 503, haproxy("503 Service Unavailable", "No server is available to handle this request.")],
  ["haproxy", 502, haproxy("502 Bad Gateway", "The server returned an invalid or incomplete response.")],
  ["haproxy", 504, haproxy("504 Gateway Time-out", "The server didn't respond in time.")],
  ["haproxy", 403, haproxy("403 Forbidden", "Request forbidden by administrative rules.")],
  ["apache", 503, apache(strict, "Service Unavailable")],
  ["apache", 502, apache('"-//IETF//DTD HTML 2.0//EN"', "Proxy Error")],
  ["apache", 404, apache(strict, "Not Found", "<hr>\n<address>Apache/2.4.71 (Debian) Server</address>\n")],
  ["http.sys", 400, httpSys],
  [
    "iis",
    502,
    iis("502 - Web server received an invalid response while acting as a gateway or proxy server."),
  ],
  ["iis", 404, iis("404 - File or directory not found.")],
  ["iis", 404, "<title>IIS 10.0 Detailed Error - 404.0 - Not Found</title>"],
  ["app-service", 404, "<title>Microsoft Azure Web App - Error 404</title><h1>404 Web Site not found.</h1>"],
  ["app-service", 403, '<h1 id="unavailable">Error 403 - This web app is stopped.</h1>'],
  ["app-service", 403, "<p>The web app you have attempted to reach has blocked your access.</p>"],
  [
    "front-door",
    503,
    "<h2>Our services aren't available right now</h2><p>We're working to restore all services as soon as possible.</p>",
  ],
  ["traefik", 503, "no available server\n"],
  [
    "envoy",
    503,
    "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
  ],
  ["envoy", 503, "no healthy upstream"],
  ["envoy", 504, "upstream request timeout"],
  // Of nobody in particular.
  [undefined, 404, "404 page not found\n"],
  [undefined, 502, "Bad Gateway"],
  [undefined, 500, "<html><body><h1>500</h1>Sorry</body></html>"],
  [undefined, 404, "<p>Our manual on no healthy upstream and on nginx</p>"],
  [undefined, 502, ""],
];

describe("whose error page it is", () => {
  test.each(pages)("%s: %d", (product, status, page) => {
    expect(pageOf(status, page)).toBe(product);
  });

  test("a success is nobody's error", () => {
    expect(pageOf(200, centred("502 Bad Gateway", "nginx"))).toBeUndefined();
    expect(pageOf(undefined, centred("502 Bad Gateway", "nginx"))).toBeUndefined();
  });
});
