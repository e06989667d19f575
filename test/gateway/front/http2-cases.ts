import {
  code,
  flag,
  frame,
  type HeaderList,
  headers,
  packed,
  preface,
  pseudo,
  setting,
  type,
  uint32,
} from "./http2-raw.ts";

/**
 * What has to come of it. `connection`: GOAWAY with one of these codes, or the end of the connection. `stream`: a reset of
 * stream 1 with one of these, or what `connection` asks for. `taken`: the connection goes on as if nothing had been sent.
 * A status: that is the answer on stream 1, and the connection goes on.
 */
export type Outcome =
  | { readonly connection: readonly number[] }
  | { readonly stream: readonly number[] }
  | "taken"
  | number;

export interface FrameCase {
  /** Section of RFC 9113. */
  readonly section: string;
  readonly what: string;
  /** After preface and SETTINGS, unless `bare`. */
  readonly sends: readonly Buffer[];
  readonly bare?: true;
  readonly becomes: Outcome;
}

const settings = frame(type.settings, 0, 0);
const get = headers(1, pseudo());
const post = headers(1, pseudo({ ":method": "POST" }), false);
const padded = (stream: number, kind: number): Buffer =>
  frame(kind, flag.padded | flag.endHeaders | flag.endStream, stream, Buffer.from([200, 1, 2, 3]));
const big = Buffer.alloc(16_385);

const connection = (...codes: number[]): Outcome => ({ connection: codes });
const stream = (...codes: number[]): Outcome => ({ stream: codes });
const { protocol, internal, frameSize, compression, flowControl, streamClosed } = code;

const of = (
  section: string,
  becomes: Outcome,
  ...rows: readonly (readonly [string, ...Buffer[]])[]
): FrameCase[] => rows.map(([what, ...sends]) => ({ section, what, sends, becomes }));

const bare = (
  section: string,
  becomes: Outcome,
  ...rows: readonly (readonly [string, ...Buffer[]])[]
): FrameCase[] => of(section, becomes, ...rows).map((one) => ({ ...one, bare: true }));

/** A request whose head is this, with or without a body to come. */
const asks = (list: HeaderList, ended = true): Buffer => headers(1, list, ended);
const without = (name: string): HeaderList => pseudo().filter(([one]) => one !== name);

export const frameCases: readonly FrameCase[] = [
  ...bare(
    "3.4",
    connection(protocol, internal),
    ["a preface that is none", Buffer.from("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")],
    ["a request of HTTP/1.1", Buffer.from("GET / HTTP/1.1\r\nHost: shop.contoso.com\r\n\r\n")],
    ["no SETTINGS behind the preface", preface, get],
  ),
  ...of(
    "4.1",
    "taken",
    ["a frame of an unknown type", frame(0x16, 0xff, 0, "abcdefgh")],
    ["a frame of an unknown type on a stream", frame(0x16, 0, 1, "abcdefgh")],
    ["flags that PING does not have", frame(type.ping, 0x16, 0, "abcdefgh")],
    ["a reserved bit that is set", frame(type.ping, 0, 0x8000_0000, "abcdefgh")],
  ),
  ...of("4.2", stream(frameSize), ["DATA that is too large", post, frame(type.data, flag.endStream, 1, big)]),
  ...of(
    "4.2",
    connection(frameSize),
    ["HEADERS that are too large", frame(type.headers, flag.endHeaders | flag.endStream, 1, big)],
    ["SETTINGS that are too large", frame(type.settings, 0, 0, Buffer.alloc(6 * 2731))],
  ),
  ...of(
    "4.3",
    connection(compression),
    ["an index of 0", frame(type.headers, flag.endHeaders | flag.endStream, 1, Buffer.of(0x80))],
    [
      "an index that is not in the table",
      frame(type.headers, flag.endHeaders | flag.endStream, 1, Buffer.of(0xff, 0x7f)),
    ],
    [
      "a block that is cut short",
      frame(type.headers, flag.endHeaders | flag.endStream, 1, Buffer.of(0, 5, 97)),
    ],
    [
      "a table that grows beyond its size",
      frame(type.headers, flag.endHeaders | flag.endStream, 1, Buffer.of(0x3f, 0xe1, 0xff, 0x03)),
    ],
  ),
  ...of(
    "4.3",
    connection(protocol),
    [
      "PRIORITY within a block",
      frame(type.headers, flag.endStream, 1, packed(pseudo())),
      frame(type.priority, 0, 1, Buffer.alloc(5)),
    ],
    [
      "HEADERS of another stream within a block",
      frame(type.headers, flag.endStream, 1, packed(pseudo())),
      headers(3, pseudo()),
    ],
    ["DATA within a block", frame(type.headers, 0, 1, packed(pseudo())), frame(type.data, 1, 1, "a")],
  ),
  ...of(
    "5.1",
    connection(protocol),
    ["DATA on an idle stream", frame(type.data, flag.endStream, 1, "a")],
    ["RST_STREAM on an idle stream", frame(type.rstStream, 0, 1, uint32(8))],
    ["WINDOW_UPDATE on an idle stream", frame(type.windowUpdate, 0, 1, uint32(1))],
    ["CONTINUATION on an idle stream", frame(type.continuation, flag.endHeaders, 1, packed(pseudo()))],
  ),
  ...of(
    "5.1",
    stream(streamClosed),
    ["DATA behind END_STREAM", get, frame(type.data, flag.endStream, 1, "a")],
    ["HEADERS behind END_STREAM", get, get],
  ),
  ...of("5.1", "taken", [
    "DATA behind RST_STREAM",
    post,
    frame(type.rstStream, 0, 1, uint32(8)),
    frame(type.data, flag.endStream, 1, "a"),
  ]),
  ...of("5.1.1", connection(protocol), ["an even stream", headers(2, pseudo())]),
  // The RFC asks for the end of the connection. nghttp2 passes over it: it may be trailers that crossed a reset.
  ...of("5.1.1", "taken", ["a stream below the last one", headers(5, pseudo()), headers(3, pseudo())]),
  ...of(
    "6.1",
    connection(protocol),
    ["DATA on stream 0", frame(type.data, 0, 0, "a")],
    ["DATA with more padding than payload", post, padded(1, type.data)],
  ),
  ...of(
    "6.2",
    connection(protocol),
    ["HEADERS on stream 0", headers(0, pseudo())],
    ["HEADERS with more padding than payload", padded(1, type.headers)],
  ),
  ...of("6.3", stream(frameSize), [
    "PRIORITY of four bytes",
    get,
    frame(type.priority, 0, 1, Buffer.alloc(4)),
  ]),
  ...of("6.4", connection(protocol), ["RST_STREAM on stream 0", frame(type.rstStream, 0, 0, uint32(8))]),
  ...of("6.4", connection(frameSize), [
    "RST_STREAM of three bytes",
    post,
    frame(type.rstStream, 0, 1, "abc"),
  ]),
  ...of(
    "6.5",
    connection(frameSize),
    ["SETTINGS with ACK and payload", frame(type.settings, flag.ack, 0, setting(4, 1))],
    ["SETTINGS of five bytes", frame(type.settings, 0, 0, "abcde")],
  ),
  ...of(
    "6.5",
    connection(protocol),
    ["SETTINGS on a stream", frame(type.settings, 0, 1)],
    ["ENABLE_PUSH of 2", frame(type.settings, 0, 0, setting(2, 2))],
    ["MAX_FRAME_SIZE of 1", frame(type.settings, 0, 0, setting(5, 1))],
    ["MAX_FRAME_SIZE beyond 24 bits", frame(type.settings, 0, 0, setting(5, 0x100_0000))],
  ),
  ...of("6.5.2", connection(flowControl), [
    "INITIAL_WINDOW_SIZE beyond 31 bits",
    frame(type.settings, 0, 0, setting(4, 0x8000_0000)),
  ]),
  ...of("6.5.2", "taken", ["an unknown setting", frame(type.settings, 0, 0, setting(0xfe, 1))]),
  ...of("6.6", connection(protocol), [
    "PUSH_PROMISE of a client",
    post,
    frame(type.pushPromise, flag.endHeaders, 1, Buffer.concat([uint32(2), packed(pseudo())])),
  ]),
  ...of("6.7", "taken", ["PING", frame(type.ping, 0, 0, "abcdefgh")]),
  // The RFC does not say; Node ends the connection.
  ...of("6.7", connection(protocol, internal), [
    "PING with ACK that nobody asked for",
    frame(type.ping, flag.ack, 0, "abcdefgh"),
  ]),
  ...of("6.7", connection(protocol), ["PING on a stream", frame(type.ping, 0, 1, "abcdefgh")]),
  ...of("6.7", connection(frameSize), ["PING of six bytes", frame(type.ping, 0, 0, "abcdef")]),
  ...of("6.8", connection(protocol), ["GOAWAY on a stream", frame(type.goaway, 0, 1, Buffer.alloc(8))]),
  ...of("6.9", connection(protocol), ["WINDOW_UPDATE of 0", frame(type.windowUpdate, 0, 0, uint32(0))]),
  ...of("6.9", stream(protocol), [
    "WINDOW_UPDATE of 0 on a stream",
    post,
    frame(type.windowUpdate, 0, 1, uint32(0)),
  ]),
  ...of("6.9", connection(frameSize), [
    "WINDOW_UPDATE of three bytes",
    frame(type.windowUpdate, 0, 0, "abc"),
  ]),
  ...of("6.9.1", connection(flowControl), [
    "a window beyond 31 bits",
    frame(type.windowUpdate, 0, 0, uint32(0x7fff_ffff)),
  ]),
  ...of("6.9.1", stream(flowControl), [
    "a window of a stream beyond 31 bits",
    post,
    frame(type.windowUpdate, 0, 1, uint32(0x7fff_ffff)),
  ]),
  ...of(
    "6.10",
    connection(protocol),
    [
      "CONTINUATION behind a whole block",
      post,
      frame(type.continuation, flag.endHeaders, 1, packed([["a", "b"]])),
    ],
    [
      "CONTINUATION on stream 0",
      frame(type.headers, flag.endStream, 1, packed(pseudo())),
      frame(type.continuation, flag.endHeaders, 0),
    ],
  ),
  ...of("6.10", connection(protocol, internal), [
    "CONTINUATION without end",
    frame(type.headers, flag.endStream, 1, packed(pseudo())),
    ...Array.from({ length: 200 }, () => frame(type.continuation, 0, 1, packed([["a", "b"]]))),
  ]),
  ...of("8.1", stream(protocol), [
    "a second head that does not end the stream",
    post,
    headers(1, [["x-late", "1"]], false),
  ]),
  ...of("8.1", stream(protocol), [
    "trailers with a pseudo-header field",
    post,
    headers(1, [[":path", "/b"]]),
  ]),
  ...of(
    "8.1.1",
    stream(protocol),
    ["a length, and no body", asks([...pseudo({ ":method": "POST" }), ["content-length", "1"]])],
    [
      "fewer bytes than the length",
      asks([...pseudo({ ":method": "POST" }), ["content-length", "4"]], false),
      frame(type.data, flag.endStream, 1, "abc"),
    ],
    [
      "two lengths",
      asks([...pseudo({ ":method": "POST" }), ["content-length", "1"], ["content-length", "2"]], false),
      frame(type.data, flag.endStream, 1, "a"),
    ],
    [
      "a length that is no number",
      asks([...pseudo({ ":method": "POST" }), ["content-length", "+1"]], false),
      frame(type.data, flag.endStream, 1, "a"),
    ],
  ),
  ...of("8.1.1", stream(protocol, internal), [
    "more bytes than the length",
    asks([...pseudo({ ":method": "POST" }), ["content-length", "2"]], false),
    frame(type.data, flag.endStream, 1, "abc"),
  ]),
  ...of("8.2.1", stream(protocol), ["an upper-case name", asks([...pseudo(), ["X-Own", "1"]])]),
  ...of(
    "8.2.2",
    stream(protocol),
    ["Connection", asks([...pseudo(), ["connection", "keep-alive"]])],
    ["Transfer-Encoding", asks([...pseudo(), ["transfer-encoding", "chunked"]])],
    ["Upgrade", asks([...pseudo(), ["upgrade", "h2c"]])],
    ["TE other than trailers", asks([...pseudo(), ["te", "trailers, deflate"]])],
  ),
  ...of("8.2.2", 200, ["TE: trailers", asks([...pseudo(), ["te", "trailers"]])]),
  ...of(
    "8.3",
    stream(protocol),
    ["an unknown pseudo-header field", asks([...pseudo(), [":own", "1"]])],
    ["one of responses", asks([...pseudo(), [":status", "200"]])],
    ["one behind a field", asks([["x-own", "1"], ...pseudo()])],
    ["one twice", asks([...pseudo(), [":path", "/b"]])],
    ["no method", asks(without(":method"))],
    ["no scheme", asks(without(":scheme"))],
    ["no path", asks(without(":path"))],
    ["an empty path", asks(pseudo({ ":path": "" }))],
    ["extended CONNECT", asks([...pseudo({ ":method": "CONNECT" }), [":protocol", "websocket"]], false)],
  ),
  ...of(
    "8.3.1",
    stream(protocol),
    ["no authority and no Host", asks(without(":authority"))],
    ["an authority with user information", asks(pseudo({ ":authority": "me@shop.contoso.com" }))],
    [
      "two Hosts",
      asks([...without(":authority"), ["host", "shop.contoso.com"], ["host", "shop.contoso.com"]]),
    ],
    ["a path of another form", asks(pseudo({ ":path": "https://shop.contoso.com/" }))],
    ["a path with a space", asks(pseudo({ ":path": "/a b" }))],
    ["* with GET", asks(pseudo({ ":path": "*" }))],
  ),
  ...of(
    "8.3.1",
    400,
    ["Host that is another one", asks([...pseudo(), ["host", "www.contoso.com"]])],
    ["another scheme", asks(pseudo({ ":scheme": "ftp" }))],
    ["a path with a fragment", asks(pseudo({ ":path": "/a#b" }))],
  ),
  ...of(
    "8.3.1",
    200,
    ["Host instead of an authority", asks([...without(":authority"), ["host", "shop.contoso.com"]])],
    ["both, the same", asks([...pseudo(), ["host", "Shop.Contoso.com"]])],
    ["the scheme http", asks(pseudo({ ":scheme": "http" }))],
    ["* with OPTIONS", asks(pseudo({ ":method": "OPTIONS", ":path": "*" }))],
  ),
  ...of("8.5", 405, [
    "CONNECT",
    asks(
      [
        [":method", "CONNECT"],
        [":authority", "shop.contoso.com:443"],
      ],
      false,
    ),
  ]),
  ...of(
    "10.5.1",
    400,
    ["a field of 9 KB", asks([...pseudo(), ["x-own", "a".repeat(9_000)]])],
    ["a path of 9 KB", asks(pseudo({ ":path": `/${"a".repeat(9_000)}` }))],
    [
      "201 fields",
      asks([...pseudo(), ...Array.from({ length: 201 }, (): [string, string] => ["x-own", "1"])]),
    ],
  ),
];

export const afterPreface = Buffer.concat([preface, settings]);
