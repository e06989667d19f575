import { describe, expect, test } from "vitest";
import { isHttp1, isHttp2, isTlsAlert, serviceOf } from "../../src/health/first-bytes.ts";

const bytesOf = (...bytes: number[]) => String.fromCharCode(...bytes);

describe("what speaks, by its first bytes", () => {
  test.each([
    ["SSH-2.0-OpenSSH_9.6", "SSH"],
    ["220", "SMTP or FTP"],
    ["+OK", "POP3"],
    ["* OK", "IMAP"],
    ["-ERR", "Redis"],
    ["-DENIED", "Redis"],
    ["RFB", "VNC"],
    ["INFO", "NATS"],
    ["@RSYNCD", "rsync"],
    ["RTSP/1.0", "RTSP"],
    ["SIP/2.0", "SIP"],
    [bytesOf(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1), "AMQP"],
    [bytesOf(0x4a, 0, 0, 0, 0x0a, 0x38, 0x2e, 0x30), "MySQL"],
    [bytesOf(0x45, 0, 0, 0, 0xff, 0x6a, 0x04, 0x48), "MySQL"],
    [bytesOf(0x45, 0, 0, 0, 0x69, 0x53, 0x46, 0x41), "PostgreSQL"],
    [bytesOf(0x04, 0x01, 0, 0x25, 0, 0, 1, 0), "SQL Server"],
    [bytesOf(0x03, 0, 0, 0x13, 0x0e, 0xd0, 0, 0), "Remote Desktop"],
    [bytesOf(0xff, 0xfd, 0x18), "Telnet"],
  ])("%j is %s", (bytes, service) => {
    expect(serviceOf(bytes)).toBe(service);
  });

  test.each([
    "HTTP/1.1 400 Bad Request",
    "",
    "2200 items",
    "+OKAY",
    bytesOf(0x15, 3, 3, 0, 2, 2, 0x28),
    "(withheld)",
  ])("%j is nothing that is known", (bytes) => {
    expect(serviceOf(bytes)).toBeUndefined();
  });

  test("HTTP, TLS alerts and frames of HTTP/2 are told apart", () => {
    expect([isHttp1("HTTP/1.0 400 "), isHttp1("HTTP/2"), isHttp1("")]).toEqual([true, false, false]);
    expect([isTlsAlert(bytesOf(0x15, 3, 1)), isTlsAlert(bytesOf(0x16, 3, 1)), isTlsAlert("")]).toEqual([
      true,
      false,
      false,
    ]);
    const settings = bytesOf(0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3);
    const goAway = bytesOf(0, 0, 8, 7, 0, 0, 0, 0, 0);
    const data = bytesOf(0, 0, 8, 0, 0, 0, 0, 0, 1);
    expect([settings, goAway, data, "", settings.slice(0, 8)].map(isHttp2)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
