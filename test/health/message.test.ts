import { describe, expect, test } from "vitest";
import { messageKeysLike, readHealthMessage } from "../../src/health/message.ts";

/** Texts composed around the fragments of health-probes.md §8, in the spellings that occur. */
const rows: readonly [text: string, key: string | undefined, phase: string | undefined, received?: number][] =
  [
    ["Success. Received 200 status code", "ok", "ok", 200],
    ["Success", "ok", "ok"],
    [
      "Time taken by the backend to respond to application gateway\u2019s health probe is more than the time-out threshold",
      "probe-timeout",
      "timeout",
    ],
    ["Time taken … **health probe is more than the time**out setting", "probe-timeout", "timeout"],
    ["The Application Gateway could not create a probe for this backend. See aka.ms", "dns", "dns"],
    ["The gateway could not connect to the backend.", "tcp-new", "tcp"],
    [
      "Cannot connect to backend server. Check whether any NSG/UDR/Firewall is blocking access",
      "tcp-old",
      "tcp",
    ],
    [
      "The Status code of the backend\u2019s HTTP response did not match the probe setting. Expected:200 Received:404.",
      "status",
      "http",
      404,
    ],
    [
      "Received invalid status code: 503 in the response. As per the health probe configuration, 200-399",
      "status-new",
      "http",
      503,
    ],
    ["Probe status code mismatch", "status-old", "http"],
    ["Body of the backend's HTTP response did not match the probe setting.", "body", "http"],
    ["The Common Name of the leaf certificate presented by the backend does not match", "cn-v2", "tls"],
    ["The Common Name (CN) of the backend certificate does not match", "cn-old", "tls"],
    ["not within the \u201cValid from\u201d and \u201cValid to\u201d dates", "expired", "tls"],
    ["The Intermediate certificate is missing from the chain", "no-intermediate", "tls"],
    ["The Leaf certificate is missing", "no-leaf", "tls"],
    ["the leaf must be the topmost certificate in the chain", "leaf-order", "tls"],
    ["The backend Server certificate isn't signed by a well-known CA", "unknown-ca", "tls"],
    ["The server certificate used by the backend is not signed by a well-known CA", "unknown-ca-old", "tls"],
    [
      "an Intermediate certificate that was not signed by any root certificates uploaded",
      "root-mismatch-int",
      "tls",
    ],
    [
      "The root certificate of the server certificate used by the backend does not match",
      "root-mismatch",
      "tls",
    ],
    ["Backend server certificate is not whitelisted with Application Gateway", "v1-cert", "tls"],
    [
      "The validity of the backend certificate could not be verified. OpenSSL error code: 19",
      "verify",
      "tls",
    ],
    ["The backend did not accept the Proxy protocol header sent by the probes", "proxy-proto", "http"],
    ["The backend health status could not be retrieved", "unknown", "unknown"],
    ["something new that nobody has seen", undefined, undefined],
    ["", undefined, undefined],
  ];

describe("health messages", () => {
  test.each(rows)("%s", (text, key, phase, received) => {
    const message = readHealthMessage(text);
    expect(message.key).toBe(key);
    expect(message.phase).toBe(phase);
    expect(message.received).toBe(received);
  });

  test("the OpenSSL code of a verify error is read", () => {
    const text = "The validity of the backend certificate could not be verified. Error code: 79.";
    expect(readHealthMessage(text).verifyError).toBe(79);
  });

  test("letters, quotes, spaces and marks do not matter", () => {
    const written = "the **STATUS code of the backend`s   HTTP response did not match** … received: 502";
    expect(readHealthMessage(written)).toMatchObject({ key: "status", received: 502 });
  });

  test("a very long text is read without delay", () => {
    expect(readHealthMessage("x ".repeat(5_000_000)).key).toBeUndefined();
  });
});

describe("finding messages by pasted words", () => {
  test.each([
    ["Cannot connect to backend server", "tcp-old"],
    ["status code did not match", "status"],
    ["leaf certificate Common Name", "cn-v2"],
  ])("%s", (words, key) => {
    expect(messageKeysLike(words)).toContain(key);
  });

  test("words of no message find none", () => {
    expect(messageKeysLike("purple elephants")).toEqual([]);
  });
});
