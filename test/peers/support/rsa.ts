import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCertificate } from "../../support/certificates.ts";
import { peerFolder } from "./scene.ts";

/** A certificate with an RSA key for this name, signed by itself and a CA, made by `openssl req`. */
export function rsaCertificate(name: string): TestCertificate {
  using folder = peerFolder();
  const [certificate, key] = [join(folder.path, "certificate.pem"), join(folder.path, "key.pem")];
  const extensions = [
    "-addext",
    `subjectAltName=DNS:${name}`,
    "-addext",
    "basicConstraints=critical,CA:TRUE",
  ];
  const files = ["-keyout", key, "-out", certificate];
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, "-days", "30"];
  // Without the distribution's configuration, which may bring extensions of its own.
  const none = ["-config", "/dev/null"];
  execFileSync("openssl", [...words, ...none, ...extensions, ...files], { stdio: "pipe" });
  const pem = readFileSync(certificate, "utf8");
  const keyPem = readFileSync(key, "utf8");
  return { der: new X509Certificate(pem).raw, pem, key: createPrivateKey(keyPem), keyPem, commonName: name };
}
