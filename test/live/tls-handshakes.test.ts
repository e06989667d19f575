import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { authority, certificate, intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls, type TlsScene } from "./support/tls-scene.ts";

const whole = sending(leaf, intermediate, root);
const rsa = certificate({ issuer: intermediate, rsaBits: 2048 });
const withRsa = sending(rsa, intermediate, root);
/** The tests' own machine may forbid what is old: security level 0 lets a server speak it. */
const old = "DEFAULT:@SECLEVEL=0";

interface Case extends TlsScene {
  readonly about: string;
  readonly cause: string | undefined;
  readonly certainty?: "proven" | "likely";
  readonly by?: string;
}

const clientRoot = authority("Contoso Clients");
const demanding = { ...whole, requestCert: true, rejectUnauthorized: true, ca: clientRoot.pem };

const cases: readonly Case[] = [
  {
    about: "only TLS 1.1",
    server: { ...whole, minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: old },
    cause: "tls-version",
    by: "TLS version",
  },
  {
    about: "only TLS 1.0",
    server: { ...withRsa, minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: old },
    cause: "tls-version",
    by: "TLS version",
  },
  {
    about: "TLS 1.3 alone, behind a v1 gateway",
    server: { ...whole, minVersion: "TLSv1.3" },
    v1: true,
    member: "app.contoso.example",
    cause: "tls-version",
    by: "TLS version",
  },
  {
    about: "TLS 1.3 alone, behind a v2 gateway",
    server: { ...whole, minVersion: "TLSv1.3" },
    cause: undefined,
  },
  { about: "TLS 1.2 alone", server: { ...whole, maxVersion: "TLSv1.2" }, cause: undefined },
  {
    about: "only DHE suites",
    server: {
      ...withRsa,
      maxVersion: "TLSv1.2",
      ciphers: "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0",
      dhparam: "auto",
    },
    cause: "tls-cipher",
    by: "TLS ciphers",
  },
  {
    about: "DHE suites and one with ECDHE",
    server: {
      ...withRsa,
      maxVersion: "TLSv1.2",
      ciphers: "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
      dhparam: "auto",
    },
    cause: undefined,
  },
  {
    about: "a client certificate demanded with TLS 1.2",
    server: { ...demanding, maxVersion: "TLSv1.2" },
    cause: "tls-client-cert-required",
  },
  {
    about: "a client certificate demanded with TLS 1.3",
    server: { ...demanding, minVersion: "TLSv1.3" },
    cause: "tls-client-cert-required",
  },
  {
    about: "a client certificate demanded by an answer",
    server: { ...demanding, rejectUnauthorized: false },
    onSocket: (socket) => {
      socket.once("data", () => {
        const text = "<center>No required SSL certificate was sent</center>";
        socket.end(
          `HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
        );
      });
    },
    cause: "tls-client-cert-required",
    certainty: "likely",
  },
  {
    about: "a client certificate demanded without a word",
    server: { ...demanding, rejectUnauthorized: false },
    onSocket: (socket) => {
      socket.once("data", () => socket.destroy());
    },
    cause: "tls-client-cert-required",
    certainty: "likely",
  },
  {
    about: "a client certificate asked for and not needed",
    server: { ...demanding, rejectUnauthorized: false },
    cause: undefined,
  },
];

describe("handshakes of a server, seen live", () => {
  test.each(cases)("$about: $cause", async ({ cause, certainty, by, ...scene }) => {
    const seen = await seeTls(scene);
    expect(seen.roots).toEqual(cause === undefined ? [] : [cause]);
    if (cause === undefined) return;
    const finding = seen.finding(cause);
    expect(finding.certainty).toBe(certainty ?? "proven");
    if (by !== undefined) expect(finding.experiments[0]).toMatchObject({ changed: by, helped: true });
  });

  test("without experiments a refusal that may mean anything leaves versions and suites open", async () => {
    const server = {
      ...withRsa,
      maxVersion: "TLSv1.2",
      ciphers: "DHE-RSA-AES128-GCM-SHA256",
      dhparam: "auto",
    } as const;
    const seen = await seeTls({ server, words: ["--experiments", "off"] });
    expect(seen.roots).toEqual([]);
    expect(seen.routes).toMatchObject([{ outcome: "fails" }]);
    const open = seen.checks.filter(({ status }) => status === "undecided").map(({ cause }) => cause);
    expect(open).toEqual(expect.arrayContaining(["tls-version", "tls-cipher"]));
  });

  test("a server that takes what the gateway offers has both ruled out", async () => {
    const seen = await seeTls({ server: whole });
    expect(seen.checks).toContainEqual(
      expect.objectContaining({ cause: "tls-version", status: "ruled-out" }),
    );
    expect(seen.checks).toContainEqual(expect.objectContaining({ cause: "tls-cipher", status: "ruled-out" }));
  });

  test("plain HTTP on the port is nothing of TLS's", async () => {
    const address = ownAddress();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    });
    await new Promise<void>((done) => server.listen(0, address, done));
    try {
      const place = server.address();
      const port = typeof place === "object" ? (place?.port ?? 0) : 0;
      const shop = { name: "shop", servers: [address], port, protocol: "Https" as const };
      const seen = await diagnoseLive({ "gateway.json": gatewayOf([shop]) });
      expect(seen.findings.filter(({ cause }) => cause.startsWith("tls-"))).toEqual([]);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });
});

describe("what the portal says of a server, and what it really is", () => {
  test("a suite that is not shared, reported as a date", async () => {
    const seen = await seeTls({
      server: { ...withRsa, maxVersion: "TLSv1.2", ciphers: "DHE-RSA-AES128-GCM-SHA256", dhparam: "auto" },
      report: 'The date is not within the "Valid from" and "Valid to" dates of the certificate.',
    });
    expect(seen.roots).toEqual(["tls-cipher"]);
    expect(seen.finding("tls-cipher").certainty).toBe("proven");
  });

  test("a missing intermediate, reported as another root", async () => {
    const seen = await seeTls({
      server: sending(leaf),
      uploaded: { root, intermediate },
      attached: ["root"],
      report:
        "The root certificate of the server certificate used by the backend does not match the one attached.",
    });
    expect(seen.roots).toEqual(["tls-intermediate-missing"]);
    expect(seen.finding("tls-intermediate-missing").certainty).toBe("proven");
  });

  test("another root, reported as a missing intermediate", async () => {
    const seen = await seeTls({
      server: whole,
      uploaded: { other: authority("Fabrikam Root") },
      report: "The Intermediate certificate is missing from the certificate chain presented by the server.",
    });
    expect(seen.roots).toEqual(["tls-root-mismatch"]);
  });

  test("an authority that is not trusted, reported as a wrong name", async () => {
    const seen = await seeTls({
      server: whole,
      uploaded: {},
      report:
        "The Common Name of the leaf certificate presented by the server does not match the host of the probe.",
    });
    expect(seen.roots).toEqual(["tls-private-ca-no-root"]);
  });
});
