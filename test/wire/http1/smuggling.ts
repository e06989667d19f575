import fc from "fast-check";

/** Requests made of parts that readers are known to disagree on, most of them wrong in one place. */

const mostly = <T>(right: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { arbitrary: fc.constant(right), weight: 4 },
    { arbitrary: fc.constantFrom(...others), weight: 3 },
  );

const lineEnd = fc.oneof(
  { arbitrary: fc.constant("\r\n"), weight: 30 },
  {
    arbitrary: fc.constantFrom("\n", "\r", "\r\r\n", "\n\r", "\r\n ", "\r\n\t", "\r\0\n", "\x0b\r\n", "\x85"),
    weight: 1,
  },
);

const name = (right: string): fc.Arbitrary<string> =>
  mostly(
    right,
    right.toUpperCase(),
    right.toLowerCase(),
    right.replace("-", "_"),
    right.replace("-", ""),
    ` ${right}`,
    `${right} `,
    `${right}\t`,
    `${right}\0`,
    `\xff${right}`,
    `X: y\n${right}`,
    `X: y\r${right}`,
    `X-${right}`,
  );

const colon = mostly(": ", ":", ":\t", " : ", ":  ", ":\r\n ", ":\x0b", ":\0", "::", "=");

const coding = mostly(
  "chunked",
  "Chunked",
  "chunked ",
  "\tchunked\t",
  "chunked\x0b",
  "xchunked",
  "chunkedx",
  "identity",
  "chunked, identity",
  "identity, chunked",
  "gzip, chunked",
  "chunked, chunked",
  "chunked,",
  ",chunked",
  '"chunked"',
  "chunked;q=1",
  "chunk",
  "",
  "cow",
  "\xa0chunked",
);

const number = mostly(
  "5",
  "0",
  "05",
  "6",
  "+5",
  "-5",
  "5,5",
  "5, 6",
  "5 6",
  "0x5",
  "5.0",
  "5e0",
  "5_0",
  "",
  '"5"',
  "5;",
  "\x0c5",
  "18446744073709551621",
);

const framingLine = fc.oneof(
  fc.tuple(name("Transfer-Encoding"), colon, coding, lineEnd),
  fc.tuple(name("Content-Length"), colon, number, lineEnd),
  fc.tuple(
    fc.constantFrom("Connection", "X", "Expect", "Trailer"),
    fc.constant(": "),
    fc.constantFrom("close", "keep-alive", "y", "Content-Length"),
    lineEnd,
  ),
);

const size = mostly(
  "5",
  "0",
  "a",
  "05",
  "0x5",
  "+5",
  "-5",
  "5_",
  " 5",
  "5 ",
  "5\t",
  "",
  "5;",
  "5;a=b",
  '5;a="\r\n"',
  "5 ;a",
  "5;\n",
  "10000000000000005",
  "g",
  "5h",
);

const chunk = fc.tuple(size, lineEnd, mostly("hello", "hell", "hello!", ""), lineEnd);

const trailer = fc.constantFrom(
  "",
  "A: b\r\n",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "A : b\r\n",
  " A: b\r\n",
  "A: b\n",
  "GET /t HTTP/1.1\r\n",
);

const body = fc.oneof(
  fc.constantFrom("", "hello", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
  fc
    .tuple(
      fc.array(chunk, { maxLength: 2 }),
      mostly("0\r\n", "00\r\n", "0\n", "0 \r\n", "0;a\r\n", ""),
      trailer,
      mostly("\r\n", "\n", "\r", ""),
    )
    .map(([chunks, last, trailers, end]) => `${chunks.flat().join("")}${last}${trailers}${end}`),
);

const version = mostly("HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/01.1", "http/1.1");

/** A request, and another one behind it that tells where the first was taken to end. */
export const suspectRequest: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom("POST", "GET"),
    version,
    lineEnd,
    fc.array(framingLine, { maxLength: 3 }),
    lineEnd,
    body,
  )
  .map(([method, protocol, end, lines, empty, rest]) =>
    Buffer.from(
      `${method} /first ${protocol}${end}Host: a\r\n${lines.flat().join("")}${empty}${rest}GET /second HTTP/1.1\r\nHost: b\r\n\r\n`,
      "latin1",
    ),
  );

export const suspectResponse: fc.Arbitrary<Buffer> = fc
  .tuple(
    version,
    fc.constantFrom(" 200 OK", " 204 x", " 304 x", " 500"),
    lineEnd,
    fc.array(framingLine, { maxLength: 3 }),
    lineEnd,
    body,
  )
  .map(([protocol, status, end, lines, empty, rest]) =>
    Buffer.from(`${protocol}${status}${end}${lines.flat().join("")}${empty}${rest}`, "latin1"),
  );
