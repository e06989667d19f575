/** As nginx writes them, on which the vendor's v2 gateway is built. */
const titles: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Time-out",
  411: "Length Required",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  505: "HTTP Version Not Supported",
};

/** What a status that the gateway answers itself is called, in the status line and on the page. */
export function titleOf(status: number): string {
  return titles[status] ?? (status < 400 ? "Moved" : "Error");
}
