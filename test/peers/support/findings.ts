import { expect } from "vitest";
import type { Asking, Finding } from "./ask.ts";
import { appName, pki } from "./pki.ts";

/** Over TLS, with the root of the peer's certificates uploaded. */
export const https: Asking = { protocol: "Https", probe: { protocol: "Https" }, roots: [pki.root] };

/** The same with another name in Host and SNI; an address is sent as Host alone. */
export const httpsFor = (host: string): Asking => ({ ...https, probe: { protocol: "Https", host } });

/** v1 speaks TLS 1.2, sends the name of the pool member, and knows the leaf by itself. */
export const v1: Asking = {
  protocol: "Https",
  probe: { protocol: "Https" },
  generation: "v1",
  target: appName,
  authenticationCertificates: [pki.leaf],
};

/** Facts of a handshake that went well. */
export const established = { outcome: "established", alert: null, fault: null } as const;

/** A chain as it is shown, by common names in the server's own order. */
export const subjects = (...names: string[]) => names.map((name) => ({ subject: `CN=${name}` }));

export const healthy: Finding = { outcome: "healthy", kind: "healthy", messages: ["ok"] };

/** The peer answered this status, and the probe does not take it. */
export const status = (code: number, more: Readonly<Record<string, unknown>> = {}): Finding => ({
  outcome: "unhealthy",
  kind: "status",
  messages: ["status"],
  http: { outcome: "answered", status: code, fault: null, ...more },
});

/** The time of the probe was up before any answer. */
export const unanswered: Finding = {
  outcome: "unhealthy",
  kind: "http-timed-out",
  messages: ["probe-timeout"],
  says: /takes the request and does not answer within 1 s/,
  http: { outcome: "timed-out-before-first-byte", endedBy: "us", firstByteMs: null },
};

/** The peer ended the connection before any answer; a request it did not read turns its end into a reset. */
export const cut: Finding = {
  outcome: "unhealthy",
  kind: "http-cut",
  messages: [],
  says: /before any answer/,
  http: {
    outcome: expect.stringMatching(/^(?:closed|reset)-before-first-byte$/),
    endedBy: "server",
    firstByteMs: null,
  },
};

/** What came back is not TLS. */
export const notTls: Finding = {
  outcome: "unhealthy",
  kind: "tls-not-tls",
  messages: ["verify", "tcp-new"],
  tls: { outcome: "not-tls", version: null, alert: null },
  http: null,
};

/** The peer ended the connection in the handshake. */
export const tlsCut: Finding = {
  outcome: "unhealthy",
  kind: "tls-cut",
  messages: ["verify", "tcp-new"],
  tls: { outcome: expect.stringMatching(/^(?:closed|reset)$/), version: null, alert: null },
  http: null,
};

/** The peer refused the handshake with this alert. */
export function alert(name: string, more: Readonly<Record<string, unknown>> = {}): Finding {
  return {
    outcome: "unhealthy",
    kind: "tls-alert",
    messages: ["verify", "tcp-new"],
    says: new RegExp(`refuses the TLS handshake with ${name}`),
    tls: { outcome: "alert", alert: name, clientCertificateRequested: false, ...more },
    http: null,
  };
}

/** The handshake went well, and the gateway does not accept the certificate. */
export function certificate(
  message: string,
  says: RegExp,
  more: Readonly<Record<string, unknown>> = {},
): Finding {
  return {
    outcome: "unhealthy",
    kind: "certificate",
    messages: [message],
    says,
    tls: { ...established, ...more },
  };
}

const wanted: Finding = {
  outcome: "unhealthy",
  kind: "client-certificate-wanted",
  messages: ["verify", "tcp-new"],
  says: /wants a client certificate, which the gateway does not have/,
};

/** How a missing client certificate is refused: by TLS 1.2 in the handshake, by TLS 1.3 after it (RFC 8446 §4.4.2.4). */
export const clientCertificateWanted = {
  tls12: {
    ...wanted,
    tls: { outcome: "alert", alert: "handshake_failure", clientCertificateRequested: true },
    http: null,
  },
  tls13: {
    ...wanted,
    tls: {
      ...established,
      version: "TLSv1.3",
      lateAlert: "certificate_required",
      clientCertificateRequested: true,
    },
  },
} satisfies Record<string, Finding>;

/** A client certificate was asked for, and its absence let pass. */
export const clientCertificateOptional: Finding = {
  ...healthy,
  tls: { ...established, clientCertificateRequested: true, lateAlert: null },
};
