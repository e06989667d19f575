import type { WireCase } from "../transcript.ts";

const get = "GET / host=a none | end";

/** Request lines, targets and `Host` (RFC 9112 §3). */
export const requestLineCases: readonly WireCase[] = [
  { about: "the least there is", bytes: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", tells: get },
  { about: "one empty line before", bytes: "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", tells: get },
  {
    about: "two empty lines before",
    bytes: "\r\n▲\r\nGET / HTTP/1.1\r\n\r\n",
    tells: "fault invalid-request-line",
  },
  { about: "LF before", bytes: "▲\nGET / HTTP/1.1\r\n\r\n", tells: "fault bare-lf" },
  { about: "CR before", bytes: "▲\rGET / HTTP/1.1\r\n\r\n", tells: "fault bare-cr" },
  { about: "space before", bytes: "▲ GET / HTTP/1.1\r\n\r\n", tells: "fault invalid-request-line" },
  { about: "NUL before", bytes: "▲\0GET / HTTP/1.1\r\n\r\n", tells: "fault nul" },
  { about: "nothing at all", bytes: "", tells: "" },
  { about: "an empty line and nothing more", bytes: "\r\n", tells: "" },
  {
    about: "a method in lower case is another method",
    bytes: "get / HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "get / host=a none | end",
  },
  {
    about: "an unknown method",
    bytes: "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "M-SEARCH / host=a none | end",
  },
  { about: "no token as method", bytes: "GE▲@T / HTTP/1.1\r\n\r\n", tells: "fault invalid-request-line" },
  {
    about: "obs-text in the method",
    bytes: "G▲\xc9T / HTTP/1.1\r\n\r\n",
    tells: "fault invalid-request-line",
  },
  { about: "LF in the method", bytes: "GET▲\n/ HTTP/1.1\r\n\r\n", tells: "fault bare-lf" },
  { about: "tab behind the method", bytes: "GET▲\t/ HTTP/1.1\r\n\r\n", tells: "fault invalid-request-line" },
  {
    about: "two spaces behind the method",
    bytes: "GET ▲ / HTTP/1.1\r\n\r\n",
    tells: "fault invalid-request-line",
  },
  {
    about: "two spaces before the version",
    bytes: "GET / ▲ HTTP/1.1\r\n\r\n",
    tells: "fault invalid-request-line",
  },
  { about: "tab before the version", bytes: "GET /▲\tHTTP/1.1\r\n\r\n", tells: "fault invalid-target" },
  {
    about: "space behind the version",
    bytes: "GET / HTTP/1.1▲ \r\n\r\n",
    tells: "fault invalid-request-line",
  },
  { about: "HTTP/0.9", bytes: "GET /▲\r\n", tells: "fault invalid-request-line" },
  { about: "a line without a version, LF", bytes: "GET /▲\n", tells: "fault bare-lf" },
  { about: "HTTP/1.0", bytes: "GET / HTTP/1.0\r\n\r\n", tells: "GET / none 1.0 close | end" },
  { about: "HTTP/1.2", bytes: "GET / HTTP/1.▲2\r\n\r\n", tells: "fault version-unsupported" },
  { about: "HTTP/1.10", bytes: "GET / HTTP/1.1▲0\r\n\r\n", tells: "fault invalid-request-line" },
  { about: "HTTP/01.1", bytes: "GET / HTTP/▲01.1\r\n\r\n", tells: "fault version-unsupported" },
  {
    about: "the preface of HTTP/2",
    bytes: "PRI * HTTP/▲2.0\r\n\r\nSM\r\n\r\n",
    tells: "fault version-unsupported",
  },
  { about: "protocol in lower case", bytes: "GET / ▲http/1.1\r\n\r\n", tells: "fault invalid-request-line" },
  { about: "another protocol", bytes: "OPTIONS / ▲RTSP/1.0\r\n\r\n", tells: "fault invalid-request-line" },
  { about: "a TLS client hello", bytes: "▲\x16\x03\x01\x02\x00\x01", tells: "fault invalid-request-line" },
  {
    about: "CR alone at the end of the line",
    bytes: "GET / HTTP/1.1▲\rHost: a\r\n\r\n",
    tells: "fault bare-cr",
  },
  {
    about: "LF alone at the end of the line",
    bytes: "GET / HTTP/1.1▲\nHost: a\r\n\r\n",
    tells: "fault bare-lf",
  },
  { about: "CR CR LF", bytes: "GET / HTTP/1.1▲\r\r\nHost: a\r\n\r\n", tells: "fault bare-cr" },
  { about: "NUL in the target", bytes: "GET /▲\0 HTTP/1.1\r\n\r\n", tells: "fault nul" },
  {
    about: "raw UTF-8 in the target",
    bytes: "GET /▲\xc3\xa9 HTTP/1.1\r\n\r\n",
    tells: "fault invalid-target",
  },
  { about: "DEL in the target", bytes: "GET /▲\x7f HTTP/1.1\r\n\r\n", tells: "fault invalid-target" },
  { about: "a fragment", bytes: "GET /▲#top HTTP/1.1\r\n\r\n", tells: "fault invalid-target" },
  {
    about: "a query",
    bytes: "GET /?a=b&c=%20 HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "GET /?a=b&c=%20 host=a none | end",
  },
  {
    about: "a target without its slash",
    bytes: "GET ▲index.html HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  { about: "a query as target", bytes: "GET ▲?a HTTP/1.1\r\nHost: a\r\n\r\n", tells: "fault invalid-target" },
  {
    about: "two slashes are a path",
    bytes: "GET //b HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "GET //b host=a none | end",
  },
  {
    about: "absolute target",
    bytes: "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "GET http://a/x host=a none | end",
  },
  {
    about: "absolute target, other case",
    bytes: "GET HTTP://A:80?x HTTP/1.1\r\nHost: a:80\r\n\r\n",
    tells: "GET HTTP://A:80?x host=a:80 none | end",
  },
  {
    about: "absolute target of another host",
    bytes: "GET http://b/x HTTP/1.1\r\nHost: ▲a\r\n\r\n",
    tells: "fault host-mismatch",
  },
  {
    about: "absolute target with user information",
    bytes: "GET ▲http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  {
    about: "absolute target without authority",
    bytes: "GET ▲http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  {
    about: "absolute target of another scheme",
    bytes: "GET ▲ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  { about: "asterisk", bytes: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", tells: "OPTIONS * host=a none | end" },
  {
    about: "asterisk with another method",
    bytes: "GET ▲* HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  {
    about: "authority",
    bytes: "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "CONNECT a:443 host=a none | end",
  },
  {
    about: "CONNECT to a path",
    bytes: "CONNECT ▲/x HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  {
    about: "CONNECT without a port",
    bytes: "CONNECT ▲a HTTP/1.1\r\nHost: a\r\n\r\n",
    tells: "fault invalid-target",
  },
  { about: "no Host", bytes: "GET / HTTP/1.1\r\nA: b\r\n▲\r\n", tells: "fault host-missing" },
  {
    about: "no Host in HTTP/1.0",
    bytes: "GET / HTTP/1.0\r\nA: b\r\n\r\n",
    tells: "GET / none 1.0 close | end",
  },
  {
    about: "two Hosts",
    bytes: "GET / HTTP/1.1\r\nHost: a\r\n▲host: a\r\n\r\n",
    tells: "fault host-repeated",
  },
  { about: "an empty Host", bytes: "GET / HTTP/1.1\r\nHost:\r\n\r\n", tells: "GET / host= none | end" },
  {
    about: "Host with a port",
    bytes: "GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n",
    tells: "GET / host=a:8080 none | end",
  },
  {
    about: "Host, IPv6",
    bytes: "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    tells: "GET / host=[::1]:80 none | end",
  },
  {
    about: "Host, IPv6 not closed",
    bytes: "GET / HTTP/1.1\r\nHost: ▲[::1\r\n\r\n",
    tells: "fault host-invalid",
  },
  { about: "Host with a path", bytes: "GET / HTTP/1.1\r\nHost: ▲a/b\r\n\r\n", tells: "fault host-invalid" },
  {
    about: "Host with user information",
    bytes: "GET / HTTP/1.1\r\nHost: ▲b@a\r\n\r\n",
    tells: "fault host-invalid",
  },
  { about: "Host as list", bytes: "GET / HTTP/1.1\r\nHost: ▲a, b\r\n\r\n", tells: "fault host-invalid" },
  {
    about: "Host with a port that is none",
    bytes: "GET / HTTP/1.1\r\nHost: ▲a:b\r\n\r\n",
    tells: "fault host-invalid",
  },
  {
    about: "Host with a long port",
    bytes: "GET / HTTP/1.1\r\nHost: ▲a:123456\r\n\r\n",
    tells: "fault host-invalid",
  },
  {
    about: "target longer than a line may be",
    bytes: "GET /aaaaaaa▲a HTTP/1.1\r\n\r\n",
    tells: "fault line-too-long",
    limits: { lineBytes: 12 },
  },
];
