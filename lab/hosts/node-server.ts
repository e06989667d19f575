/** The program of a lab host: `node node-server.ts CONFIG`, with one or more servers. Runs until it is ended. */
import { readFileSync } from "node:fs";
import type { SecureVersion, TlsOptions } from "node:tls";
import { createSecureContext } from "node:tls";
import type { Program, ServerTls } from "../world/world.ts";
import type { Behaviour } from "./behaviour.ts";

type NodeProgram = Extract<Program, { kind: "node" }>;

const config = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly NodeProgram[];
for (const { behaviour, options, port, address = "0.0.0.0", tls } of config) {
  const { default: make } = (await import(`./behaviours/${behaviour}.ts`)) as { default: Behaviour };
  make(options, tls === undefined ? undefined : tlsOptions(tls)).listen(port, address);
}

function tlsOptions(tls: ServerTls): TlsOptions {
  const { certificate, key, minVersion, maxVersion, ciphers, clientCa, byName, onlyNames } = tls;
  const old = [minVersion, maxVersion].some((version) => version === "TLSv1" || version === "TLSv1.1");
  return {
    cert: certificate,
    key,
    ...(minVersion === undefined ? {} : { minVersion: minVersion satisfies SecureVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion: maxVersion satisfies SecureVersion }),
    // The library refuses old versions at its usual level of security.
    ...(ciphers !== undefined || old ? { ciphers: ciphers ?? "DEFAULT@SECLEVEL=0" } : {}),
    ...(clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true, ca: clientCa }),
    ...(byName === undefined && onlyNames === undefined
      ? {}
      : {
          SNICallback: (name, done) => {
            if (onlyNames !== undefined && !onlyNames.includes(name)) return done(new Error("unknown name"));
            const own = byName?.[name] ?? { certificate, key };
            done(null, createSecureContext({ cert: own.certificate, key: own.key }));
          },
        }),
  };
}
