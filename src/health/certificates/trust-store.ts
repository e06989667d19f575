import { type ReadCertificate, readCertificate } from "./certificate.ts";

/** Certificates that are trusted, found by their subject. Made once for the well-known roots, which are many. */
export class TrustStore {
  readonly certificates: readonly ReadCertificate[];
  readonly #bySubject = new Map<string, ReadCertificate[]>();

  /** PEM or DER, one certificate each; what is no certificate is left out. */
  constructor(encoded: readonly (Buffer | string)[]) {
    this.certificates = encoded.flatMap((one) => readCertificate(one) ?? []);
    for (const certificate of this.certificates) {
      const known = this.#bySubject.get(certificate.subject);
      if (known === undefined) this.#bySubject.set(certificate.subject, [certificate]);
      else known.push(certificate);
    }
  }

  named(subject: string): readonly ReadCertificate[] {
    return this.#bySubject.get(subject) ?? [];
  }
}
