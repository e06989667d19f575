import { casesOf, type Row } from "./row.ts";

const ok = (lines: string, body = ""): string => `HTTP/1.1 200 OK\r\n${lines}\r\n${body}`;
const LENGTH = "Content-Length: 2\r\n";
const TWO = "200 length=2 | data ok | end";
const toEnd = (body: string): string => `200 until-close close | data ${body} | end`;

/** Answers of servers old and new. */
const samples: readonly Row[] = [
  ["an error without fields", "HTTP/1.1 404 Not Found\r\n\r\n", "404 until-close close | end"],
  [
    "a redirect with a page",
    `HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\n${LENGTH}\r\nok`,
    "301 length=2 | data ok | end",
  ],
  ["underscores in names", ok(`X_Server_Id: 7\r\n${LENGTH}`, "ok"), TWO],
  ["a name and nothing else", ok(`X-Empty:\r\n${LENGTH}`, "ok"), TWO],
  [
    "a reason of several words",
    `HTTP/1.1 404 There is no such page\r\n${LENGTH}\r\nok`,
    "404 length=2 | data ok | end",
  ],
  ["a reason that looks like a status", `HTTP/1.1 200 500 Error\r\n${LENGTH}\r\nok`, TWO],
  ["two spaces behind the status", `HTTP/1.1 200  OK\r\n${LENGTH}\r\nok`, TWO],
  ["a reason of bytes above 127", `HTTP/1.1 200 \xf0\x9f\x98\x80\r\n${LENGTH}\r\nok`, TWO],
  ["many lines of Set-Cookie", ok(`${"Set-Cookie: a=b; Path=/\r\n".repeat(20)}${LENGTH}`, "ok"), TWO],
  ["Date twice", ok(`Date: x\r\nDate: y\r\n${LENGTH}`, "ok"), TWO],
  [
    "a body of HTTP",
    ok("Content-Length: 17\r\n", "HTTP/1.1 500 No\r\n"),
    "200 length=17 | data HTTP/1.1 500 No\r\n | end",
  ],
  ["status 100 to 999: 600", `HTTP/1.1 600 x\r\n${LENGTH}\r\nok`, "600 length=2 | data ok | end"],
];

/** Status lines that are none. */
const invalid: readonly Row[] = [
  ["letters in the version", "HTTP/1.▲x 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["a version of two digits", "HTTP/1.1▲1 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["HTTP/0.9", "HTTP/▲0.9 200 OK\r\n\r\n", "fault version-unsupported"],
  ["HTTP/3.0", "HTTP/▲3.0 200 OK\r\n\r\n", "fault version-unsupported"],
  ["RTSP", "▲RTSP/1.1 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["a request", "▲GET / HTTP/1.1\r\n\r\n", "fault invalid-status-line"],
  ["the status right behind the version", "HTTP/1.1▲200 OK\r\n\r\n", "fault invalid-status-line"],
  ["the reason right behind the status", "HTTP/1.1 200▲OK\r\n\r\n", "fault invalid-status-line"],
  ["a status with a fraction", "HTTP/1.1 200▲.1 OK\r\n\r\n", "fault invalid-status-line"],
  ["a status with a sign", "HTTP/1.1 ▲+20 OK\r\n\r\n", "fault invalid-status-line"],
  ["a status of one digit", "HTTP/1.1 2▲ OK\r\n\r\n", "fault invalid-status-line"],
  ["status 000", "HTTP/1.1 ▲000 No\r\n\r\n", "fault invalid-status-line"],
  ["a space before the line", "▲ HTTP/1.1 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["LF before the line", "▲\nHTTP/1.1 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["a mark of UTF-8 before the line", "▲\xef\xbb\xbfHTTP/1.1 200 OK\r\n\r\n", "fault invalid-status-line"],
  ["CR behind the status", "HTTP/1.1 200▲\rA: b\r\n\r\n", "fault bare-cr"],
  ["CR CR LF behind the reason", "HTTP/1.1 200 OK▲\r\r\n\r\n", "fault bare-cr"],
  ["a vertical tab in the reason", "HTTP/1.1 200 O▲\x0bK\r\n\r\n", "fault control-character"],
  ["a space before the first field", ok("▲ A: b\r\n"), "fault obs-fold"],
  ["a status line twice", ok("HTTP▲/1.1 200 OK\r\n"), "fault invalid-field-name"],
  ["LF alone throughout", "HTTP/1.1 200 OK▲\nContent-Length: 2\n\nok", "fault bare-lf"],
  ["LF behind the last field", ok("A: b▲\n"), "fault bare-lf"],
  ["a space in a name", ok("Content▲ Type: x\r\n"), "fault space-before-colon"],
  ["a name without a colon", ok("ready▲\r\n"), "fault missing-colon"],
  ["a folded length", ok("Content-Length:\r\n▲ 2\r\n", "ok"), "fault obs-fold"],
  ["a folded coding", ok("Transfer-Encoding: chunked\r\n▲  abc\r\n", "0\r\n\r\n"), "fault obs-fold"],
  ["bytes of another protocol", "▲220 mail.example ESMTP\r\n", "fault invalid-status-line"],
  ["a greeting of a database", "▲J\0\0\0\n8.0.36\0", "fault invalid-status-line"],
];

/** How long bodies are. */
const bodies: readonly Row[] = [
  ["to the end, kept alive or not", ok("Connection: keep-alive\r\n", "ok"), toEnd("ok")],
  ["to the end, with line ends", ok("", "a\r\n\r\nb"), toEnd("a\r\n\r\nb")],
  ["of HTTP/1.0, to the end", "HTTP/1.0 200 OK\r\n\r\nok", "200 until-close 1.0 close | data ok | end"],
  ["close and a length", ok(`Connection: close\r\n${LENGTH}`, "ok"), "200 length=2 close | data ok | end"],
  ["Proxy-Connection means nothing", ok(`Proxy-Connection: close\r\n${LENGTH}`, "ok"), TWO],
  [
    "205 has a length like any other",
    `HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n`,
    "205 length=0 | end",
  ],
  ["304 with chunks announced", "HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n", "304 none | end"],
  ["204 kept alive", "HTTP/1.1 204 x\r\nConnection: keep-alive\r\n\r\n", "204 none | end"],
  [
    "204 and another answer behind",
    "HTTP/1.1 204 x\r\n\r\n▲HTTP/1.1 200 OK\r\n\r\n",
    "204 none | end | fault body-after-no-body-status | extra 19",
  ],
  ["HEAD answered without a length", ok(""), "200 none | end", { method: "HEAD" }],
  ["HEAD answered with 204", "HTTP/1.1 204 x\r\n\r\n", "204 none | end", { method: "HEAD" }],
  ["a length of 0 and more", ok("Content-Length: 0\r\n", "ok"), "200 length=0 | end | extra 2"],
  ["a length in quotes", ok('Content-Length: ▲"2"\r\n', "ok"), "fault cl-invalid"],
  ["a list of lengths", ok("Content-Length: 2▲, 2\r\n", "ok"), "fault cl-invalid"],
  ["two lengths that differ", ok("Content-Length: 2\r\n▲Content-Length: 3\r\n", "okx"), "fault cl-conflict"],
  ["a negative length", ok("Content-Length: ▲-1\r\n", "ok"), "fault cl-invalid"],
  ["an empty length", ok("Content-Length: ▲\r\n", "ok"), "fault cl-invalid"],
  ["a length and LF", ok("Content-Length: 2▲\n", "ok"), "fault bare-lf"],
  ["empty coding and a length", ok(`Transfer-Encoding: ▲\r\n${LENGTH}`, "ok"), "fault te-not-chunked"],
  ["chunked and a length", ok(`Transfer-Encoding: chunked\r\n▲${LENGTH}`, "0\r\n\r\n"), "fault te-and-cl"],
  ["chunked, deflate", ok("Transfer-Encoding: ▲chunked, deflate\r\n", "ok"), "fault te-not-chunked"],
  ["deflate, chunked", ok("Transfer-Encoding: ▲deflate, chunked\r\n", "0\r\n\r\n"), "fault te-not-chunked"],
  ["chunkedchunked", ok("Transfer-Encoding: ▲chunkedchunked\r\n", "0\r\n\r\n"), "fault te-not-chunked"],
  [
    "chunked twice",
    ok("Transfer-Encoding: chunked\r\n▲Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    "fault te-not-chunked",
  ],
  [
    "chunked, then identity",
    ok("Transfer-Encoding: chunked\r\n▲Transfer-Encoding: identity\r\n", "0\r\n\r\n"),
    "fault te-not-chunked",
  ],
  [
    "sizes with blanks behind",
    ok("Transfer-Encoding: chunked\r\n", "2▲  \r\nok\r\n0  \r\n\r\n"),
    "200 chunked | fault chunk-size-invalid",
  ],
  [
    "extensions",
    ok("Transfer-Encoding: chunked\r\n", "2;a;b=c\r\nok\r\n0\r\n\r\n"),
    "200 chunked | data ok | end",
  ],
  ["a length with a body cut short", ok(LENGTH, "o"), "200 length=2 | data o | fault truncated"],
  [
    "chunks without an end",
    ok("Transfer-Encoding: chunked\r\n", "2\r\nok\r\n"),
    "200 chunked | data ok | fault truncated",
  ],
  [
    "chunks that end with 0 alone",
    ok("Transfer-Encoding: chunked\r\n", "2\r\nok\r\n0\r\n"),
    "200 chunked | data ok | fault truncated",
  ],
];

/** What comes before the final answer, and what makes a tunnel. */
const FINAL = ok(LENGTH, "ok");
const interim: readonly Row[] = [
  [
    "100, 103, then the answer",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n${FINAL}`,
    `interim 100 none | interim 103 none | ${TWO}`,
  ],
  ["102 of HTTP/1.0", `HTTP/1.0 102 x\r\n\r\n${FINAL}`, `interim 102 none 1.0 close | ${TWO}`],
  ["199, which nobody knows", `HTTP/1.1 199 x\r\n\r\n${FINAL}`, `interim 199 none | ${TWO}`],
  [
    "100 with a coding",
    `HTTP/1.1 100 x\r\n▲Transfer-Encoding: chunked\r\n\r\n${FINAL}`,
    "fault length-on-interim",
  ],
  ["100, then LF", `HTTP/1.1 100 x\r\n\r\n▲\n${FINAL}`, "interim 100 none | fault body-after-no-body-status"],
  [
    "100, then an empty line",
    `HTTP/1.1 100 x\r\n\r\n▲\r\n${FINAL}`,
    "interim 100 none | fault body-after-no-body-status",
  ],
  [
    "100 to an upgrade that is refused",
    `HTTP/1.1 100 x\r\n\r\nHTTP/1.1 426 No\r\n${LENGTH}\r\nok`,
    "interim 100 none | 426 length=2 | data ok | end",
    { upgrade: true },
  ],
  ["an upgrade that is answered as if not asked", FINAL, TWO, { upgrade: true }],
  [
    "101 behind 100",
    "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: y\r\n\r\nz",
    "interim 100 none | 101 tunnel close | end | extra 1",
    { upgrade: true },
  ],
  [
    "101 behind 100 that nobody asked for",
    "HTTP/1.1 100 x\r\n\r\n▲HTTP/1.1 101 x\r\n\r\n",
    "interim 100 none | fault unexpected-upgrade",
  ],
  [
    "CONNECT answered with 200 and chunks",
    ok("Transfer-Encoding: chunked\r\n", "xyz"),
    "200 tunnel close | end | extra 3",
    { method: "CONNECT" },
  ],
];

export const responseCorpus = [
  ...casesOf("sample", samples),
  ...casesOf("invalid", invalid),
  ...casesOf("body", bodies),
  ...casesOf("interim", interim),
];
