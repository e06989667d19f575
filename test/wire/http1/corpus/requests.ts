import { casesOf, type Row } from "./row.ts";

const H = "Host: shop.example\r\n";
const get = (lines: string): string => `GET /p HTTP/1.1\r\n${H}${lines}\r\n`;
const put = (lines: string, body = ""): string => `PUT /p HTTP/1.1\r\n${H}${lines}\r\n${body}`;
const got = "GET /p host=shop.example none";
const stored = (body: string): string => `PUT /p host=shop.example ${body}`;
const END = " | end";

/** What clients send, from command lines to browsers of long ago. */
const samples: readonly Row[] = [
  ["a command line", get("User-Agent: fetcher/1.0\r\nAccept: */*\r\n"), got + END],
  [
    "a browser",
    get(
      "User-Agent: Browser/5.0 (X11; U; Linux)\r\nAccept: text/html,*/*;q=0.8\r\nAccept-Charset: latin1,utf-8;q=0.7\r\nKeep-Alive: 300\r\nConnection: keep-alive\r\n",
    ),
    got + END,
  ],
  ["a value of As", get(`X-Long: ${"a".repeat(500)}\r\n`), got + END],
  [
    "a benchmark of HTTP/1.0",
    `GET /p HTTP/1.0\r\n${H}User-Agent: Bench\r\n\r\n`,
    "GET /p host=shop.example none 1.0 close | end",
  ],
  ["a question mark in a query", "GET /p?x=?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p?x=?y host=a none | end"],
  [
    "quotes and brackets in a query",
    'GET /p?x="[y]" HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /p?x="[y]" host=a none | end',
  ],
  [
    "a backslash and a bar in a path",
    "GET /a\\b|c HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a\\b|c host=a none | end",
  ],
  [
    "dots in a path are left as they are",
    "GET /a/../b/./c HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a/../b/./c host=a none | end",
  ],
  [
    "an underscore in Host",
    "GET / HTTP/1.1\r\nHost: my_shop.example\r\n\r\n",
    "GET / host=my_shop.example none | end",
  ],
  ["UTF-8 in a query", "GET /p?x=▲\xce\xb4 HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["a space in the target", "GET /a ▲b HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
  ["a vertical tab in the target", "GET /a▲\x0bb HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["a form feed in the target", "GET /a▲\x0cb HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-target"],
  ["a carriage return in the target", "GET /a▲\rb HTTP/1.1\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
  [
    "a query without its path",
    "GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a?x host=a none | end",
  ],
  [
    "a target of HTTPS with a port",
    "GET https://a:8443/x HTTP/1.1\r\nHost: a:8443\r\n\r\n",
    "GET https://a:8443/x host=a:8443 none | end",
  ],
  ["the port only in the target", "GET http://a:80/x HTTP/1.1\r\nHost: ▲a\r\n\r\n", "fault host-mismatch"],
  ["no field behind the line", "GET / HTTP/1.0\r\n\r\n", "GET / none 1.0 close | end"],
  ["the line and nothing more", "GET / HTTP/1.1\r\n", "fault truncated"],
  ["values with tabs and blanks within", get("A: b\tc  d\r\n"), got + END],
  ["a value of quotes and escapes", get('A: "b\\"c"; d=\'e\'\r\n'), got + END],
  ["names that differ in case alone", get("A: 1\r\na: 2\r\n"), got + END],
  ["a name of every mark that may be", get("!#$%&'*+-.^_`|~: x\r\n"), got + END],
];

/** Methods of all kinds, as the registry and older protocols have them. */
const methods: readonly Row[] = [
  ...[
    "DELETE",
    "PATCH",
    "PURGE",
    "PROPFIND",
    "SEARCH",
    "LINK",
    "UNLINK",
    "TRACE",
    "MKCALENDAR",
    "NOTIFY",
  ].map(
    (method): Row => [method, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`, `${method} / host=a none | end`],
  ),
  ["SOURCE of streaming servers", "SOURCE /live ▲ICE/1.0\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
  ["a protocol that ends like ours", "GET / ▲IHTTP/1.0\r\nHost: a\r\n\r\n", "fault invalid-request-line"],
  ["a known method with a letter more", "MKCOLA / HTTP/1.1\r\nHost: a\r\n\r\n", "MKCOLA / host=a none | end"],
  ["a method of one letter", "X / HTTP/1.1\r\nHost: a\r\n\r\n", "X / host=a none | end"],
  ["a colon in the method", "GET▲: / HTTP/1.1\r\n\r\n", "fault invalid-request-line"],
  ["quotes around the method", '▲"GET" / HTTP/1.1\r\n\r\n', "fault invalid-request-line"],
  ["HTTP/5.6", "GET / HTTP/▲5.6\r\n\r\n", "fault version-unsupported"],
  ["HTTP/1.", "GET / HTTP/1.▲\r\n\r\n", "fault invalid-request-line"],
  ["HTTP/1,1", "GET / HTTP/1▲,1\r\n\r\n", "fault invalid-request-line"],
  ["HTTP/+1.1", "GET / HTTP/▲+1.1\r\n\r\n", "fault invalid-request-line"],
  ["HTTP/11", "GET / HTTP/1▲1\r\n\r\n", "fault invalid-request-line"],
  ["Http/1.1", "GET / H▲ttp/1.1\r\n\r\n", "fault invalid-request-line"],
  ["words behind the version", "GET / HTTP/1.1▲ x\r\n\r\n", "fault invalid-request-line"],
  [
    "CONNECT to an address of IPv6",
    "CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT [::1]:443 host=a none | end",
  ],
  [
    "CONNECT to a name without a port behind the colon",
    "CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT a: host=a none | end",
  ],
];

/** The life of the connection. */
const connections: readonly Row[] = [
  ["kept by default, and another behind", `${get("")}GET`, `${got} | end | extra 3`],
  ["Proxy-Connection means nothing", get("Proxy-Connection: close\r\n"), got + END],
  [
    "close with a body",
    put("Connection: close\r\nContent-Length: 2\r\n", "ok"),
    `${stored("length=2 close")} | data ok | end`,
  ],
  [
    "close and line ends behind it",
    `${get("Connection: close\r\n")}\r\n\r\n`,
    `${got} close | end | extra 4`,
  ],
  ["close and keep-alive", get("Connection: keep-alive, close\r\n"), `${got} close | end`],
  ["empty options", get("Connection: ,, ,close,\r\n"), `${got} close | end`],
  ["an empty Connection", get("Connection:\r\n"), got + END],
  ["tabs around options", get("Connection: x\t,\tclose\r\n"), `${got} close | end`],
  ["folded options", get("Connection: keep-alive,\r\n▲ close\r\n"), "fault obs-fold"],
  [
    "keep-alive of 1.0 among others",
    `GET / HTTP/1.0\r\nConnection: x, KEEP-ALIVE\r\n\r\n`,
    "GET / none 1.0 | end",
  ],
  [
    "close wins in 1.0",
    `GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n`,
    "GET / none 1.0 close | end",
  ],
  ["a name cut short by CR", get("Connection▲\r\x1b5eep-Alive\r\n"), "fault missing-colon"],
  [
    "an upgrade with a body",
    put("Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n", "okmore"),
    `${stored("length=2 upgrade")} | data ok | end | extra 4`,
  ],
  [
    "an upgrade with chunks",
    put("Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\nmore"),
    `${stored("chunked upgrade")} | data ok | end | extra 4`,
  ],
  [
    "Expect is the gateway's matter",
    put("Expect: 100-continue\r\nContent-Length: 2\r\n", "ok"),
    `${stored("length=2")} | data ok | end`,
  ],
];

/** Lengths. */
const lengths: readonly Row[] = [
  [
    "GET with a body",
    get("Content-Length: 3\r\n").concat("abc"),
    "GET /p host=shop.example length=3 | data abc | end",
  ],
  [
    "a body of null bytes",
    put("Content-Length: 3\r\n", "\0\0\0"),
    `${stored("length=3")} | data \0\0\0 | end`,
  ],
  ["two numbers with a tab between", put("Content-Length: 4▲\t2\r\n", "x"), "fault cl-invalid"],
  ["spaces around", put("Content-Length:   2   \r\n", "ok"), `${stored("length=2")} | data ok | end`],
  ["a number folded", put("Content-Length: 4\r\n▲ 2\r\n", "x"), "fault obs-fold"],
  ["nothing, then a number", put("Content-Length: ▲\r\nContent-Length: 2\r\n", "ok"), "fault cl-invalid"],
  ["0, twice", put("Content-Length: 0\r\n▲Content-Length: 0\r\n"), "fault cl-repeated"],
  [
    "equal, but for zeros before",
    put("Content-Length: 2\r\n▲Content-Length: 02\r\n", "ok"),
    "fault cl-repeated",
  ],
  ["-0", put("Content-Length: ▲-0\r\n"), "fault cl-invalid"],
  [
    "octal to somebody",
    put("Content-Length: 0010\r\n", "12345678xx"),
    `${stored("length=10")} | data 12345678xx | end`,
  ],
  ["a semicolon behind", put("Content-Length: 2▲;a\r\n", "ok"), "fault cl-invalid"],
  ["a comma behind", put("Content-Length: 2▲,\r\n", "ok"), "fault cl-invalid"],
  ["a comma before", put("Content-Length: ▲,2\r\n", "ok"), "fault cl-invalid"],
  ["infinity", put("Content-Length: ▲Infinity\r\n"), "fault cl-invalid"],
  ["a unit behind", put("Content-Length: 2▲k\r\n", "ok"), "fault cl-invalid"],
  ["digits of full width", put("Content-Length: ▲\xef\xbc\x92\r\n", "ok"), "fault cl-invalid"],
  ["a form feed before", put("Content-Length: ▲\x0c2\r\n", "ok"), "fault control-character"],
  ["NUL behind", put("Content-Length: 2▲\0\r\n", "ok"), "fault nul"],
  ["the name with a blank behind", put("Content-Length▲ : 2\r\n", "ok"), "fault space-before-colon"],
  ["the name with a byte behind", put("Content-Length▲\x0b: 2\r\n", "ok"), "fault invalid-field-name"],
  ["the name behind a byte", put("▲\x0cContent-Length: 2\r\n", "ok"), "fault invalid-field-name"],
  ["the name with a null byte within", put("Content▲\0-Length: 2\r\n", "ok"), "fault nul"],
  ["the name in UTF-8 letters", put("Content-Leng▲\xc5\xa5h: 2\r\n", "ok"), "fault invalid-field-name"],
];

/** Bytes that no head may hold. */
const invalid: readonly Row[] = [
  ["CR between fields", get("A: 1▲\rB: 2\r\n"), "fault bare-cr"],
  ["LF between fields", get("A: 1▲\nB: 2\r\n"), "fault bare-lf"],
  ["CR behind an empty value", get("A:▲\rTransfer-Encoding: chunked\r\n"), "fault bare-cr"],
  ["LF behind an empty value", get("A:▲\nTransfer-Encoding: chunked\r\n"), "fault bare-lf"],
  [
    "CR and a letter for the empty line",
    `GET / HTTP/1.1\r\nHost: a\r\n▲\rZGET /x HTTP/1.1\r\n\r\n`,
    "fault bare-cr",
  ],
  ["LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n▲\nGET /x HTTP/1.1\r\n\r\n", "fault bare-lf"],
  ["an at sign in a name", get("Fo▲@: x\r\n"), "fault invalid-field-name"],
  ["a control character in a name", get("Foo▲\x01bar: x\r\n"), "fault invalid-field-name"],
  ["DEL in a name", get("Foo▲\x7f: x\r\n"), "fault invalid-field-name"],
  ["brackets in a name", get("Foo▲[0]: x\r\n"), "fault invalid-field-name"],
  ["a slash in a name, as of a second status line", get("HTTP▲/1.1 200 OK\r\n"), "fault invalid-field-name"],
  ["a name on a line of its own", get("name▲\r\n : value\r\n"), "fault missing-colon"],
  ["a space before the first field", "GET / HTTP/1.1\r\n▲ Host: a\r\n\r\n", "fault obs-fold"],
  ["a tab before the first field", "GET / HTTP/1.1\r\n▲\tHost: a\r\n\r\n", "fault obs-fold"],
  ["blanks as empty line", get("▲ \r\n"), "fault obs-fold"],
  ["a length behind a blank", put("A: b\r\n▲ Content-Length: 38\r\n", "GET /x HTTP/1.1"), "fault obs-fold"],
  ["nothing but LF", "PUT / HTTP/1.1▲\nHost: a\nTransfer-Encoding: chunked\n\n0\n\n", "fault bare-lf"],
  ["ESC in a value", get("A: b▲\x1b[2Jc\r\n"), "fault control-character"],
  ["bytes above 127 in a value", get("A: \xe9\x80\xff\r\n"), got + END],
  ["NEL is no line end", get("A: b\x85C: d\r\n"), got + END],
  ["CR CR LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n▲\r\r\n", "fault bare-cr"],
];

/** Chunks in requests. */
const TE = "Transfer-Encoding: chunked\r\n";
const chunk = (about: string, body: string, tells: string): Row => [
  about,
  put(TE, body),
  `${stored("chunked")} | ${tells}`,
];
const chunks: readonly Row[] = [
  chunk(
    "lower and upper case sizes",
    "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
    "data 01234567890123456789 | end",
  ),
  chunk("zeros before the last size", "2\r\nok\r\n0000\r\n\r\n", "data ok | end"),
  chunk(
    "trailers",
    "2\r\nok\r\n0\r\nVary: *\r\nContent-Type: text/plain\r\n\r\n",
    "data ok | trailers Vary: *, Content-Type: text/plain | end",
  ),
  chunk("extensions of names and values", "2;a;b=c;d=e\r\nok\r\n0;f\r\n\r\n", "data ok | end"),
  chunk("quotes and escapes in extensions", '2;a="b \\"c\\"; \\\\d";e\r\nok\r\n0\r\n\r\n', "data ok | end"),
  chunk("words without a semicolon", "2▲ abc\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("nothing behind the semicolon", "2;\r\nok\r\n0\r\n\r\n", "data ok | end"),
  chunk("a quote that never ends", '2;a="b\r\nok\r\n0\r\n\r\n', "data ok | end"),
  chunk("a size of two signs", "▲++2\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("0X", "0▲X2\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("a size with blanks between", "0▲ 2\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("-0", "▲-0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("no-break space behind the size", "2▲\xa0\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk("CR CR LF behind the size", "2▲\r\r\nok\r\n0\r\n\r\n", "fault bare-cr"),
  chunk("CR within an extension", "2;a▲\rX: y\r\nok\r\n0\r\n\r\n", "fault bare-cr"),
  chunk("a blank line before the first size", "▲\r\n2\r\nok\r\n0\r\n\r\n", "fault chunk-size-invalid"),
  chunk(
    "two bytes that are no line end behind the data",
    "2\r\nok▲XX0\r\n\r\n",
    "data ok | fault chunk-end-invalid",
  ),
  chunk("CR and a letter behind the data", "2\r\nok▲\rX0\r\n\r\n", "data ok | fault bare-cr"),
  chunk("LF CR behind the data", "2\r\nok▲\n\r0\r\n\r\n", "data ok | fault bare-lf"),
  chunk("LF for the end behind 0", "0▲\n\n", "fault bare-lf"),
  chunk(
    "a request where trailers are",
    "0\r\nGET▲ /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "fault space-before-colon",
  ),
  chunk(
    "trailers of framing",
    `0\r\n${TE}Content-Length: 9\r\n\r\nGET`,
    `trailers Transfer-Encoding: chunked, Content-Length: 9 | end | extra 3`,
  ),
  chunk("a folded trailer", "0\r\nA: b\r\n▲\tc\r\n\r\n", "fault obs-fold"),
  chunk("a trailer of null bytes", "0\r\nA: ▲\0\r\n\r\n", "fault nul"),
  chunk("another request behind", "0\r\n\r\nGET /x HTTP/1.1\r\n", "end | extra 17"),
  chunk("2^32", "100000000\r\nx", "data x | fault truncated"),
  chunk("2^31 as a negative", "▲-80000000\r\nx", "fault chunk-size-invalid"),
  chunk("2^64 - 1", "fffffffffffff▲fff\r\nx", "fault chunk-size-overflow"),
  ["empty, and a length", put("Transfer-Encoding: ▲\r\nContent-Length: 2\r\n", "ok"), "fault te-not-chunked"],
  [
    "a length, and three empty",
    put("Content-Length: 2\r\n▲Transfer-Encoding:\r\nTransfer-Encoding:\r\n", "ok"),
    "fault te-and-cl",
  ],
  ["a coding nobody knows", put("Transfer-Encoding: ▲pigeons\r\n"), "fault te-not-chunked"],
  [
    "a coding in HTTP/1.0, kept alive",
    "PUT / HTTP/1.0\r\nConnection: keep-alive\r\n▲Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "fault te-in-http10",
  ],
  ["TE names no coding of this message", put("TE: chunked\r\n"), `${stored("none")} | end`],
  [
    "Content-Encoding: chunked is not it",
    put("Content-Encoding: chunked\r\nContent-Length: 2\r\n", "ok"),
    `${stored("length=2")} | data ok | end`,
  ],
];

/** Hosts as proxies have to compare them. */
const hosts: readonly Row[] = [
  ["a trailing dot", "GET / HTTP/1.1\r\nHost: a.example.\r\n\r\n", "GET / host=a.example. none | end"],
  ["upper case", "GET / HTTP/1.1\r\nHost: A.Example\r\n\r\n", "GET / host=A.Example none | end"],
  ["an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", "GET / host=a: none | end"],
  ["a port of zeros", "GET / HTTP/1.1\r\nHost: a:00080\r\n\r\n", "GET / host=a:00080 none | end"],
  ["two ports", "GET / HTTP/1.1\r\nHost: ▲a:80:80\r\n\r\n", "fault host-invalid"],
  ["a space within", "GET / HTTP/1.1\r\nHost: ▲a b\r\n\r\n", "fault host-invalid"],
  ["a scheme", "GET / HTTP/1.1\r\nHost: ▲http://a\r\n\r\n", "fault host-invalid"],
  ["a query", "GET / HTTP/1.1\r\nHost: ▲a?b\r\n\r\n", "fault host-invalid"],
  ["a fragment", "GET / HTTP/1.1\r\nHost: ▲a#b\r\n\r\n", "fault host-invalid"],
  ["bytes above 127", "GET / HTTP/1.1\r\nHost: ▲\xe4.example\r\n\r\n", "fault host-invalid"],
  ["a literal and more", "GET / HTTP/1.1\r\nHost: ▲[::1]x\r\n\r\n", "fault host-invalid"],
  ["an empty literal", "GET / HTTP/1.1\r\nHost: ▲[]\r\n\r\n", "fault host-invalid"],
  ["two, the second empty", "GET / HTTP/1.1\r\nHost: a\r\n▲Host:\r\n\r\n", "fault host-repeated"],
  ["two in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n▲Host: b\r\n\r\n", "fault host-repeated"],
  ["folded", "GET / HTTP/1.1\r\nHost: a\r\n▲ b\r\n\r\n", "fault obs-fold"],
  ["a blank before the colon", "GET / HTTP/1.1\r\nHost▲ : a\r\n\r\n", "fault space-before-colon"],
  ["an absolute target beats nothing", "GET http://a/ HTTP/1.1\r\n▲\r\n", "fault host-missing"],
  [
    "an absolute target and an empty Host",
    "GET http://a/ HTTP/1.1\r\nHost: ▲\r\n\r\n",
    "fault host-mismatch",
  ],
  [
    "an absolute target that differs in case",
    "GET http://A.example/ HTTP/1.1\r\nHost: a.EXAMPLE\r\n\r\n",
    "GET http://A.example/ host=a.EXAMPLE none | end",
  ],
  [
    "a backslash in the target's authority",
    "GET ▲http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "fault invalid-target",
  ],
];

export const requestCorpus = [
  ...casesOf("sample", samples),
  ...casesOf("method", methods),
  ...casesOf("connection", connections),
  ...casesOf("length", lengths),
  ...casesOf("invalid", invalid),
  ...casesOf("chunks", chunks),
  ...casesOf("host", hosts),
];
