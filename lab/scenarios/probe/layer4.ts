import type { ServerPlace } from "../../world/base.ts";
import { layer4World } from "../../world/layer4.ts";
import type { Program } from "../../world/world.ts";
import type { Scenario } from "../scenario.ts";
import { node } from "./programs.ts";

const noPeers = "The header of the PROXY protocol is not among what is translated for other proxies.";

/** An nginx that wants a header of the PROXY protocol, or takes none. */
const nginx =
  (wants: "proxy_protocol" | "") =>
  ({ port, tls }: ServerPlace): Program => ({
    kind: "nginx",
    config: `server { listen ${port} ${tls === undefined ? "" : "ssl"} ${wants}; ${
      tls === undefined ? "" : "ssl_certificate $DIR/cert.pem; ssl_certificate_key $DIR/key.pem;"
    } location / { return 200 "ok"; } }`,
    files: tls === undefined ? {} : { "cert.pem": tls.certificate, "key.pem": tls.key },
    ports: [port],
  });

/** The header of the PROXY protocol in front of connections of layer 4. */
export const layer4Scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "l4-proxy-protocol-nginx-tls",
    about: "Setting and probe put a PROXY protocol header before TLS, which nginx does not expect.",
    world: () =>
      layer4World({
        protocol: "Tls",
        setting: { enableL4ClientIpPreservation: true },
        probe: { enableProbeProxyProtocolHeader: true },
        program: nginx(""),
      }),
    expects: [{ cause: "probe-l4-proxy-protocol" }],
    noPeers,
  },
  {
    variant: "l4-proxy-protocol-node-tls-fqdn",
    about: "The same with Node servers, by their names, of which there is one.",
    world: () =>
      layer4World({
        ...{ protocol: "Tls", members: "fqdn", servers: 1 },
        setting: { enableL4ClientIpPreservation: true },
        probe: { enableProbeProxyProtocolHeader: true },
        program: node({}),
      }),
    expects: [{ cause: "probe-l4-proxy-protocol" }],
    noPeers,
  },
  {
    variant: "l4-proxy-protocol-connections-only",
    about: "Only connections of clients get the header; the probe shakes hands without it and is fine.",
    world: () =>
      layer4World({
        protocol: "Tls",
        setting: { enableL4ClientIpPreservation: true },
        program: nginx(""),
      }),
    expects: [{ cause: "probe-l4-proxy-protocol" }],
    noPeers,
  },
  {
    variant: "l4-proxy-protocol-tcp",
    about:
      "Over plain TCP the server takes the header for a broken request, and the probe sees a connection.",
    world: () =>
      layer4World({
        protocol: "Tcp",
        setting: { enableL4ClientIpPreservation: true },
        probe: { enableProbeProxyProtocolHeader: true },
        program: nginx(""),
      }),
    expects: [{ cause: "probe-l4-proxy-protocol" }],
    noPeers,
  },
  {
    variant: "l4-proxy-protocol-twin-expected",
    about: "The header comes, and nginx reads it.",
    world: () =>
      layer4World({
        protocol: "Tls",
        setting: { enableL4ClientIpPreservation: true },
        probe: { enableProbeProxyProtocolHeader: true },
        program: nginx("proxy_protocol"),
      }),
    expects: [],
  },
  {
    variant: "l4-proxy-protocol-twin-tcp-off",
    about: "A setting of layer 4 over plain TCP, without the header.",
    world: () => layer4World({ protocol: "Tcp", program: nginx("") }),
    expects: [],
  },
];
