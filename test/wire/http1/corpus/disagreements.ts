import { casesOf, type Row } from "./row.ts";

const post = (lines: string, body = ""): string => `POST /d HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const posted = (body: string): string => `POST /d host=a ${body}`;

/** Targets that proxies have to judge before they route by them. */
const targets: readonly Row[] = [
  ["OPTIONS for a path", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS / host=a none | end"],
  [
    "OPTIONS for a whole host",
    "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS http://a host=a none | end",
  ],
  ["an asterisk and a path", "OPTIONS ▲*/x HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["CONNECT to a whole URL", "CONNECT ▲http://a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["GET of a host and port", "GET ▲a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["a path without its slash", "GET ▲admin/x HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["an exclamation mark", "GET ▲! HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  [
    "a scheme of another case and no authority",
    "GET ▲HTTP:/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "fault invalid-target",
  ],
  ["a fragment in an authority", "GET http://a▲#b/ HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["LF between target and version", "GET /▲\nHTTP/1.1\r\nHost: a\r\n\r\n", "fault bare-lf"],
  [
    "no-break space between target and version",
    "GET /▲\xa0HTTP/1.1\r\nHost: a\r\n\r\n",
    "fault invalid-target",
  ],
  ["CR CR within the version", "GET / HTTP/▲\r\r1.1\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
  [
    "a version of two digits behind the dot",
    "GET / HTTP/1.▲32\r\nHost: a\r\n\r\n",
    "fault version-unsupported",
  ],
  ["a method of brackets", "G▲[x] / HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
];

/** Requests that one server or another was found to read otherwise than the proxy before it. */
const requests: readonly Row[] = [
  [
    "a size with an underscore that hides a request",
    post(CHUNKED, "0▲_2e\r\n\r\nGET /x HTTP/1.1\r\n\r\n0\r\n\r\n"),
    `${posted("chunked")} | fault chunk-size-invalid`,
  ],
  ["NUL and CR in a value", post("A: b▲\0\rc\r\n"), "fault nul"],
  ["CR in a value that hides a field", post("Seen: x▲\rHidden: y\r\n"), "fault bare-cr"],
  [
    "a length that hides behind a tab at the start",
    "POST /d HTTP/1.1\r\n▲\tContent-Length: 1\r\n\r\nX",
    "fault obs-fold",
  ],
  ["a length with plus and underscore", post("Content-Length: ▲+1_0\r\n", "0123456789"), "fault cl-invalid"],
  [
    "no-break spaces around chunked",
    post("Transfer-Encoding: ▲\xa0chunked\xa0\r\n", "0\r\n\r\n"),
    "fault te-not-chunked",
  ],
  [
    "an empty size for the last chunk",
    post(CHUNKED, "▲\r\n\r\n"),
    `${posted("chunked")} | fault chunk-size-invalid`,
  ],
  ["an empty name before Host", "POST /d HTTP/1.1\r\n▲: x\r\nHost: a\r\n\r\n", "fault invalid-field-name"],
  [
    "a colon alone as the end of the head",
    post("▲:\r\n", "GET /x HTTP/1.1\r\n\r\n"),
    "fault invalid-field-name",
  ],
  [
    "a size that wraps around at 2^64",
    post(CHUNKED, "10000000000000▲000\r\nGET /x HTTP/1.1\r\n\r\n"),
    `${posted("chunked")} | fault chunk-size-overflow`,
  ],
  [
    "a size that wraps around at 2^32",
    post(CHUNKED, "100000002\r\nok\r\n0\r\n\r\n"),
    `${posted("chunked")} | data ok\r\n0\r\n\r\n | fault truncated`,
  ],
  [
    "a length that wraps around at 2^32",
    post("Content-Length: 4294967298\r\n", "ok"),
    `${posted("length=4294967298")} | data ok | fault truncated`,
  ],
  [
    "chunked in an extension of itself",
    post(CHUNKED, "2;2\r\nok\r\n0;5\r\n\r\n"),
    `${posted("chunked")} | data ok | end`,
  ],
  [
    "a line end hidden in a quoted extension",
    post(CHUNKED, '2;a="\r\nok\r\n0\r\n\r\nGET /x HTTP/1.1\r\n"'),
    `${posted("chunked")} | data ok | end | extra 18`,
  ],
  [
    "data ends with CRLF that belongs to it",
    post(CHUNKED, "4\r\nok\r\n\r\n0\r\n\r\n"),
    `${posted("chunked")} | data ok\r\n | end`,
  ],
  [
    "a comma makes a second coding",
    post("Transfer-Encoding: ▲chunked,identity\r\n", "0\r\n\r\n"),
    "fault te-not-chunked",
  ],
  [
    "the second Transfer-Encoding is empty",
    post(`${CHUNKED}▲Transfer-Encoding:\r\n`, "0\r\n\r\n"),
    "fault te-not-chunked",
  ],
  ["a length of 0 beside chunks", post(`Content-Length: 0\r\n▲${CHUNKED}`, "0\r\n\r\n"), "fault te-and-cl"],
  [
    "chunks of HTTP/1.0 beside a length",
    `POST /d HTTP/1.0\r\nContent-Length: 2\r\n▲${CHUNKED}\r\n0\r\n\r\n`,
    "fault te-in-http10",
  ],
  [
    "Connection names the length",
    post("Connection: Content-Length\r\nContent-Length: 2\r\n", "ok"),
    `${posted("length=2")} | data ok | end`,
  ],
  [
    "Connection names Transfer-Encoding",
    post(`Connection: Transfer-Encoding\r\n${CHUNKED}`, "0\r\n\r\n"),
    `${posted("chunked")} | end`,
  ],
  [
    "a name with an underscore for the dash",
    post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "ok"),
    `${posted("length=2")} | data ok | end`,
  ],
  ["a name with a dash more", post("Transfer--Encoding: chunked\r\n"), `${posted("none")} | end`],
  [
    "three empty lines before",
    "\r\n▲\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "fault invalid-request-line",
  ],
  [
    "CONNECT with a body",
    "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok",
    "CONNECT a:1 host=a length=2 | data ok | end",
  ],
  [
    "TRACE with a body",
    "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok",
    "TRACE / host=a length=2 | data ok | end",
  ],
];

export const disagreements = [...casesOf("target", targets), ...casesOf("disagreement", requests)];
