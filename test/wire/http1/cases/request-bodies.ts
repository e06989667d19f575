import type { WireCase } from "../transcript.ts";

const post = (lines: string): string => `POST / HTTP/1.1\r\nHost: a\r\n${lines}`;
const head = (body: string): string => `POST / host=a ${body}`;

/** Body length and connection of requests (RFC 9112 §6, §9.3, §9.6). */
export const requestBodyCases: readonly WireCase[] = [
  { about: "no length is no body", bytes: post("\r\n"), tells: `${head("none")} | end` },
  { about: "length 0", bytes: post("Content-Length: 0\r\n\r\n"), tells: `${head("none")} | end` },
  {
    about: "length 5",
    bytes: post("Content-Length: 5\r\n\r\nhello"),
    tells: `${head("length=5")} | data hello | end`,
  },
  {
    about: "leading zeros",
    bytes: post("Content-Length: 0005\r\n\r\nhello"),
    tells: `${head("length=5")} | data hello | end`,
  },
  {
    about: "cut short",
    bytes: post("Content-Length: 5\r\n\r\nhell"),
    tells: `${head("length=5")} | data hell | fault truncated`,
  },
  {
    about: "cut before the body",
    bytes: post("Content-Length: 5\r\n\r\n"),
    tells: `${head("length=5")} | fault truncated`,
  },
  {
    about: "still open",
    bytes: post("Content-Length: 5\r\n\r\nhell"),
    tells: `${head("length=5")} | data hell`,
    open: true,
  },
  {
    about: "another request behind it",
    bytes: post("Content-Length: 5\r\n\r\nhelloGET / HTTP/1.1"),
    tells: `${head("length=5")} | data hello | end | extra 14`,
  },
  {
    about: "bytes behind a request without body",
    bytes: post("\r\nxyz"),
    tells: `${head("none")} | end | extra 3`,
  },
  {
    about: "the largest length",
    bytes: post("Content-Length: 9007199254740991\r\n\r\nx"),
    tells: `${head("length=9007199254740991")} | data x`,
    open: true,
  },
  {
    about: "the largest length, plus one",
    bytes: post("Content-Length: 900719925474099▲2\r\n\r\n"),
    tells: "fault cl-invalid",
  },
  {
    about: "2^64 + 5",
    bytes: post("Content-Length: 1844674407370955▲1621\r\n\r\nhello"),
    tells: "fault cl-invalid",
  },
  { about: "no digits", bytes: post("Content-Length: ▲\r\n\r\n"), tells: "fault cl-invalid" },
  { about: "a plus", bytes: post("Content-Length: ▲+5\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "a minus", bytes: post("Content-Length: ▲-5\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "hexadecimal", bytes: post("Content-Length: 0▲x5\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "a fraction", bytes: post("Content-Length: 5▲.0\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "an exponent", bytes: post("Content-Length: 5▲e1\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "an underscore", bytes: post("Content-Length: 1▲_0\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "two numbers", bytes: post("Content-Length: 5▲ 6\r\n\r\nhello"), tells: "fault cl-invalid" },
  { about: "a list of equals", bytes: post("Content-Length: 5▲, 5\r\n\r\nhello"), tells: "fault cl-invalid" },
  {
    about: "a list that differs",
    bytes: post("Content-Length: 5▲,6\r\n\r\nhello"),
    tells: "fault cl-invalid",
  },
  {
    about: "digits of another script",
    bytes: post("Content-Length: ▲\xb2\r\n\r\nhello"),
    tells: "fault cl-invalid",
  },
  { about: "in quotes", bytes: post('Content-Length: ▲"5"\r\n\r\nhello'), tells: "fault cl-invalid" },
  {
    about: "twice the same",
    bytes: post("Content-Length: 5\r\n▲Content-Length: 5\r\n\r\nhello"),
    tells: "fault cl-repeated",
  },
  {
    about: "two that differ",
    bytes: post("Content-Length: 5\r\nA: b\r\n▲CONTENT-LENGTH: 6\r\n\r\nhello"),
    tells: "fault cl-conflict",
  },
  {
    about: "0 and then more",
    bytes: post("Content-Length: 0\r\n▲content-length: 5\r\n\r\nhello"),
    tells: "fault cl-conflict",
  },
  {
    about: "a name that only looks like it",
    bytes: post("Content_Length: 5\r\n\r\n"),
    tells: `${head("none")} | end`,
  },
  {
    about: "tabs around the length",
    bytes: post("Content-Length:\t5\t \r\n\r\nhello"),
    tells: `${head("length=5")} | data hello | end`,
  },
  {
    about: "chunked",
    bytes: post("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    tells: `${head("chunked")} | data hello | end`,
  },
  {
    about: "both, length first",
    bytes: post("Content-Length: 5\r\n▲Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    tells: "fault te-and-cl",
  },
  {
    about: "both, coding first",
    bytes: post("Transfer-Encoding: chunked\r\n▲Content-Length: 0\r\n\r\n0\r\n\r\n"),
    tells: "fault te-and-cl",
  },
  {
    about: "both, the length invalid",
    bytes: post("Transfer-Encoding: chunked\r\n▲Content-Length: x\r\n\r\n"),
    tells: "fault te-and-cl",
  },
  {
    about: "chunked in HTTP/1.0",
    bytes: "POST / HTTP/1.0\r\n▲Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    tells: "fault te-in-http10",
  },
  { about: "close", bytes: post("Connection: close\r\n\r\n"), tells: `${head("none close")} | end` },
  {
    about: "close among others, other case",
    bytes: post("Connection: foo, , CLOSE\r\n\r\n"),
    tells: `${head("none close")} | end`,
  },
  {
    about: "close on a line of its own",
    bytes: post("Connection: keep-alive\r\nConnection: close\r\n\r\n"),
    tells: `${head("none close")} | end`,
  },
  {
    about: "a word with close in it",
    bytes: post("Connection: closed\r\n\r\n"),
    tells: `${head("none")} | end`,
  },
  {
    about: "keep-alive in HTTP/1.0",
    bytes: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    tells: "GET / none 1.0 | end",
  },
  {
    about: "upgrade",
    bytes: post("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    tells: `${head("none upgrade")} | end`,
  },
  {
    about: "Upgrade without the option",
    bytes: post("Upgrade: websocket\r\n\r\n"),
    tells: `${head("none")} | end`,
  },
  {
    about: "the option without Upgrade",
    bytes: post("Connection: upgrade\r\n\r\n"),
    tells: `${head("none")} | end`,
  },
  {
    about: "upgrade in HTTP/1.0",
    bytes: "GET / HTTP/1.0\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    tells: "GET / none 1.0 close | end",
  },
];

/** Spellings of `Transfer-Encoding` that some reader somewhere takes for chunked, or once did. `▲`: where the fault is. */
const spellings: readonly (readonly [line: string, fault: string])[] = [
  ["Transfer-Encoding: ▲xchunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunkedx", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunk", "te-not-chunked"],
  ["Transfer-Encoding: ▲cow", "te-not-chunked"],
  ["Transfer-Encoding: ▲identity", "te-not-chunked"],
  ["Transfer-Encoding: ▲identity, chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲gzip, chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked, gzip", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked, chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked, identity", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked,", "te-not-chunked"],
  ["Transfer-Encoding: ▲, chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked;q=1", "te-not-chunked"],
  ["Transfer-Encoding: ▲chunked foo", "te-not-chunked"],
  ['Transfer-Encoding: ▲"chunked"', "te-not-chunked"],
  ["Transfer-Encoding: ▲'chunked'", "te-not-chunked"],
  ["Transfer-Encoding: ▲\xffchunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲\xa0chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲\x85chunked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chun ked", "te-not-chunked"],
  ["Transfer-Encoding: ▲chun%6bed", "te-not-chunked"],
  ["Transfer-Encoding: ▲chun\xe2\x84\xaaed", "te-not-chunked"],
  ["Transfer-Encoding: ▲", "te-not-chunked"],
  ["Transfer-Encoding: chunked\r\n▲Transfer-Encoding: chunked", "te-not-chunked"],
  ["Transfer-Encoding: chunked\r\n▲Transfer-Encoding: identity", "te-not-chunked"],
  ["Transfer-Encoding: ▲identity\r\nTransfer-Encoding: chunked", "te-not-chunked"],
  ["Transfer-Encoding▲ : chunked", "space-before-colon"],
  ["Transfer-Encoding▲\t: chunked", "space-before-colon"],
  ["▲ Transfer-Encoding: chunked", "obs-fold"],
  ["▲\tTransfer-Encoding: chunked", "obs-fold"],
  ["Transfer-Encoding:\r\n▲ chunked", "obs-fold"],
  ["Foo: bar\r\n▲\tTransfer-Encoding: chunked", "obs-fold"],
  ["Transfer-Encoding: ▲\x0bchunked", "control-character"],
  ["Transfer-Encoding: ▲\x0cchunked", "control-character"],
  ["Transfer-Encoding: chunked▲\x0b", "control-character"],
  ["Transfer-Encoding: ▲\0chunked", "nul"],
  ["Transfer-Encoding: chunked▲\0", "nul"],
  ["Transfer-Encoding▲\0: chunked", "nul"],
  ["Foo: bar▲\nTransfer-Encoding: chunked", "bare-lf"],
  ["Foo: bar▲\rTransfer-Encoding: chunked", "bare-cr"],
  ["Foo: bar▲\r\rTransfer-Encoding: chunked", "bare-cr"],
  ["Foo: bar▲\r\0\nTransfer-Encoding: chunked", "bare-cr"],
  ["Foo▲\r\nTransfer-Encoding: chunked", "missing-colon"],
  ["▲:Transfer-Encoding: chunked", "invalid-field-name"],
  ["▲\xffTransfer-Encoding: chunked", "invalid-field-name"],
  ["Transfer-Encoding▲\xa0: chunked", "invalid-field-name"],
  ["▲\x0bTransfer-Encoding: chunked", "invalid-field-name"],
  ['▲"Transfer-Encoding": chunked', "invalid-field-name"],
  ["Transfer▲ Encoding: chunked", "space-before-colon"],
  ["Transfer-Encoding▲= chunked", "invalid-field-name"],
];

const body = "\r\n\r\n0\r\n\r\n";

/** Spellings that are chunked, and names that are somebody else's. */
const harmless: readonly WireCase[] = [
  ["TRANSFER-ENCODING: CHUNKED", "chunked"],
  ["transfer-encoding:chunked", "chunked"],
  ["Transfer-Encoding: \t chunked \t ", "chunked"],
].map(([line, kind]) => ({
  about: `${line}`,
  bytes: post(`${line}${body}`),
  tells: `${head(`${kind}`)} | end`,
}));

const foreign: readonly WireCase[] = [
  "Transfer_Encoding",
  "X-Transfer-Encoding",
  "Transfer-Encodin",
  "TE",
].map((name) => ({
  about: `${name} is another field`,
  bytes: post(`${name}: chunked${body}`),
  tells: `${head("none")} | end | extra 5`,
}));

export const transferEncodingCases: readonly WireCase[] = [
  ...spellings.map(([line, fault]) => ({
    about: JSON.stringify(line),
    bytes: post(`${line}${body}`),
    tells: `fault ${fault}`,
  })),
  ...harmless,
  ...foreign,
];
