import { expect, test } from "vitest";
import { plain, secure, startNginx } from "../support/nginx.ts";
import { appName, pki, writeChain } from "../support/pki.ts";
import { freePlaces, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { curl } from "./support/curl.ts";
import { serve } from "./support/served.ts";

const requests = 30;
/** nginx says how many requests this connection has carried with this one. */
const counting = 'return 200 "$connection_requests\\n";';

interface Case {
  readonly name: string;
  readonly setting: string;
  readonly server: (place: Place, folder: string) => string;
}

const overTls = (protocols: string): Case["server"] => {
  return (place, folder) =>
    secure(
      place,
      writeChain(folder, "app", [pki.leaf, pki.intermediate]),
      `ssl_protocols ${protocols}; ${counting}`,
    );
};
const https = `protocol: Https, host: ${appName}, trustedRootCertificates: [own]`;

const cases: readonly Case[] = [
  { name: "plain text", setting: "protocol: Http", server: (place) => plain(place, counting) },
  { name: "TLS 1.2", setting: https, server: overTls("TLSv1.2") },
  { name: "TLS 1.3", setting: https, server: overTls("TLSv1.3") },
];

test.each(cases)("one connection over $name carries all that one client asks", async (one) => {
  using folder = peerFolder();
  const { path } = folder;
  const [behind, door] = await freePlaces(2);
  if (behind === undefined || door === undefined) throw new Error("no places are free");
  await using _nginx = await startNginx([one.server(behind, path)], path, behind);
  const configuration = `
gateway:
  trustedRoots: { own: { data: ${pki.root.der.toString("base64")} } }
  listeners: { web: { port: 80 } }
  pools: { app: [${behind.address}] }
  settings:
    app: { port: ${behind.port}, ${one.setting}, probe: { path: /, interval: 30 } }
`;
  await using gateway = await serve(configuration, path, { 80: door });
  const url = `http://${door.text}/`;
  const { body } = await curl(Array.from({ length: requests }, () => url));
  const counted = body.toString().trim().split("\n").map(Number);
  expect(counted, gateway.log()).toEqual(Array.from({ length: requests }, (_, index) => index + 1));
});
