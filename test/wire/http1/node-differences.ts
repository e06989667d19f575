import type { Reading } from "./node-parser.ts";
import type { Subject } from "./transcript.ts";

/** Cases that Node's parser reads otherwise on purpose of ours. */
export interface Difference {
  readonly subject: Subject;
  readonly reason: string;
  /** By what the case is about: what Node makes of it. */
  readonly node: Readonly<Record<string, Reading>>;
}

/** Every deliberate difference. Where Node is the more lenient, a proxy behind us might be as well: so we are not. */
export const differences: readonly Difference[] = [
  {
    subject: "request",
    reason:
      "Methods are an open set of case-sensitive tokens (RFC 9110 §9.1); Node knows a list. Which are served is policy.",
    node: {
      "a method in lower case is another method": "refused",
      "method: a known method with a letter more": "refused",
      "method: a method of one letter": "refused",
    },
  },
  {
    subject: "request",
    reason:
      "Not HTTP/1.x; Node takes HTTP/0.9 and waits for more, and reads the protocols of streaming servers too.",
    node: {
      "HTTP/0.9": "incomplete",
      "a line without a version, LF": "incomplete",
      "another protocol": "OPTIONS / ",
      "method: SOURCE of streaming servers": "SOURCE /live ",
    },
  },
  {
    subject: "request",
    reason:
      "A target of none of the four forms, or not for its method (RFC 9112 §3.2); Node leaves it to the application.",
    node: {
      "absolute target with user information": "GET http://b@a/ ",
      "absolute target without authority": "GET http:///x ",
      "absolute target of another scheme": "GET ftp://a/ ",
      "asterisk with another method": "GET * ",
      "target: an asterisk and a path": "OPTIONS */x ",
    },
  },
  {
    subject: "request",
    reason:
      "Routing goes by Host: one, valid, and agreeing with the target (RFC 9112 §3.2); Node only asks that there be one.",
    node: {
      "absolute target of another host": "GET http://b/x ",
      "sample: the port only in the target": "GET http://a:80/x ",
      "host: an absolute target and an empty Host": "GET http://a/ ",
      "host: two, the second empty": "GET / ",
      "host: two in HTTP/1.0": "GET / ",
      "host: two ports": "GET / ",
      "host: a space within": "GET / ",
      "host: a scheme": "GET / ",
      "host: a query": "GET / ",
      "host: a fragment": "GET / ",
      "host: bytes above 127": "GET / ",
      "host: a literal and more": "GET / ",
      "host: an empty literal": "GET / ",
      "two Hosts": "GET / ",
      "Host, IPv6 not closed": "GET / ",
      "Host with a path": "GET / ",
      "Host with user information": "GET / ",
      "Host as list": "GET / ",
      "Host with a port that is none": "GET / ",
      "Host with a long port": "GET / ",
    },
  },
  {
    subject: "request",
    reason: "Lengths are exact numbers of JavaScript; Node counts to 2^64 and waits for the bytes.",
    node: { "the largest length, plus one": "incomplete", "chunks: 2^64 - 1": "incomplete" },
  },
  {
    subject: "request",
    reason: "Transfer-Encoding in HTTP/1.0 is faulty framing (RFC 9112 §6.1).",
    node: { "chunked in HTTP/1.0": "POST / ", "chunks: a coding in HTTP/1.0, kept alive": "PUT / " },
  },
  {
    subject: "request",
    reason:
      "No coding but chunked can be taken off here, and lists are what readers disagree on; Node looks at the last.",
    node: {
      '"Transfer-Encoding: ▲identity, chunked"': "POST / ",
      '"Transfer-Encoding: ▲gzip, chunked"': "POST / ",
      '"Transfer-Encoding: ▲, chunked"': "POST / ",
      '"Transfer-Encoding: ▲identity\\r\\nTransfer-Encoding: chunked"': "POST / ",
    },
  },
  {
    subject: "request",
    reason:
      "What stands in chunk extensions is dropped up to the line end, whatever it is (RFC 9112 §7.1.1); Node reads quotes.",
    node: {
      "chunks: nothing behind the semicolon": "refused",
      "chunks: a quote that never ends": "refused",
      "disagreement: a line end hidden in a quoted extension": "refused",
    },
  },
  {
    subject: "request",
    reason:
      "Trailers are never fields of the head (RFC 9110 §6.5.1), and lengths among them are not passed on.",
    node: { "chunks: trailers of framing": "refused" },
  },
  {
    subject: "request",
    reason:
      "One empty line before a request is passed over (RFC 9112 §2.2), as clients of old sent it; Node takes any number.",
    node: { "disagreement: three empty lines before": "GET / " },
  },
  {
    subject: "request",
    reason: "Blanks around a value are no part of it, tabs included (RFC 9112 §5.1).",
    node: { "Transfer-Encoding: \t chunked \t ": "refused" },
  },
  {
    subject: "response",
    reason:
      "Chunk sizes are exact numbers of at most 16 digits; Node counts to 2^64 and waits for the bytes.",
    node: { "the largest size, plus one": "incomplete", "zeros without end": "incomplete" },
  },
  {
    subject: "response",
    reason: "Extensions are passed over; blanks within them are allowed (RFC 9112 §7.1.1).",
    node: { "spaces within extensions": "refused" },
  },
  {
    subject: "response",
    reason:
      "Trailers are never fields of the head (RFC 9110 §6.5.1), so that a length among them means nothing.",
    node: { "framing fields as trailers change nothing": "refused" },
  },
  {
    subject: "response",
    reason: "No status line of HTTP/1.x (RFC 9112 §4), although Node takes it for one.",
    node: {
      "status 099": "99 ",
      "HTTP/2.0": "200 ",
      "an empty line before": "200 ",
      "invalid: status 000": "0 ",
      "invalid: HTTP/0.9": "200 ",
      "invalid: RTSP": "200 ",
      "invalid: LF before the line": "200 ",
      "interim: 100, then LF": "200 ok",
      "interim: 100, then an empty line": "200 ok",
    },
  },
  {
    subject: "response",
    reason: "Control characters are no part of a reason phrase (RFC 9112 §4).",
    node: {
      "NUL in the reason": "200 ",
      "control character in the reason": "200 ",
      "invalid: a vertical tab in the reason": "200 ",
    },
  },
  {
    subject: "response",
    reason:
      "Responses are framed as strictly as requests; Node hands on what it cannot decode, and reads codings in HTTP/1.0.",
    node: {
      "another coding": "200 hello",
      "chunked in HTTP/1.0": "200 ",
      "body: chunked twice": "200 ",
      "body: chunked, deflate": "200 ok",
      "body: deflate, chunked": "200 ",
      "body: chunkedchunked": "200 0\r\n\r\n",
      "body: chunked, then identity": "200 0\r\n\r\n",
      "interim: 100 with a coding": "200 ok",
    },
  },
  {
    subject: "response",
    reason: "101 answers an upgrade that was asked for (RFC 9110 §15.2.2).",
    node: { "101 that nobody asked for": "101 ", "interim: 101 behind 100 that nobody asked for": "101 " },
  },
  {
    subject: "response",
    reason:
      "An interim response does not end the connection, of whatever version it is; Node reads nothing behind it.",
    node: { "interim: 102 of HTTP/1.0": "refused" },
  },
];
