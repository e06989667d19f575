import type { Command } from "./command-table.ts";
import { exitCodes, meaning } from "./exit-codes.ts";
import { sharedOptions } from "./options.ts";

/** `causeway run`, without what all commands on a gateway share. */
export const runCommand: Command = {
  name: "run",
  operands: "PATH...",
  summary: "Serve a gateway on this machine, with a cause on every error it answers.",
  about: [
    "PATH as for diagnose. Every listener is served on 127.0.0.1 at its own port unless --listen says otherwise; servers are probed and chosen as the gateway would. What cannot be served is said at the start. Each exchange leaves a row in the access log: how it ended, the attempts, and the cause of an error.",
    "SIGHUP, POST /reload on the admin port or, with --watch, a change of the files reads them again and goes on with them, without a failed request; a configuration that cannot be served is refused with the reason, and the old one goes on. Ctrl-C or SIGTERM ends it: requests under way are answered first; once more, and they are given up.",
  ],
  options: [
    ...sharedOptions.filter(({ name }) => name !== "output"),
    {
      name: "listen",
      value: "PORT=PORT",
      multiple: true,
      about:
        "Where a port of the gateway is listened for: [FRONTEND:]PORT=[ADDRESS:]PORT, e.g. 443=8443. Default: the same port on 127.0.0.1.",
    },
    {
      name: "backend",
      value: "MEMBER=ADDRESS",
      multiple: true,
      about:
        "Reach a pool member, or with pool/NAME all members of a pool, at another place: MEMBER[:PORT]=ADDRESS[:PORT].",
    },
    {
      name: "resolve",
      value: "NAME=IP",
      multiple: true,
      about: "The address of a server's name: NAME=IP[,IP...].",
    },
    {
      name: "dns",
      value: "IP[:PORT]",
      multiple: true,
      about: "Ask this DNS server for names of servers. Default: the resolver of this machine.",
    },
    {
      name: "certificate",
      value: "NAME=FILE",
      multiple: true,
      about:
        "Certificate and key of a listener or of a certificate of the gateway: a PFX or PEM file, NAME=FILE[,KEYFILE].",
    },
    {
      name: "ca",
      value: "FILE",
      multiple: true,
      about:
        "Trust the certificates of this PEM file too, as if they were well-known roots: for servers on this machine that stand for others.",
    },
    { name: "self-signed", about: "Make certificates for listeners whose private key is not at hand." },
    {
      name: "access-log",
      value: "FILE",
      about: "Write the access log to FILE; - is standard output (default), off none.",
    },
    {
      name: "admin",
      value: "ADDRESS:PORT",
      about:
        "Where this machine may ask for /health, /backendhealth, /observations, /activity, /metrics, /errors, /config and /explain/TRANSACTION-ID (with /text for people), have experiments made on a failure that tell its causes apart: POST /explain/TRANSACTION-ID/safe or /all (as --experiments of diagnose), and take servers out: POST /servers/POOL~SETTING/ADDRESS/drain, disable or enable; POST /reload. ADDRESS is one of loopback; unix:PATH is a socket; off (default) is none.",
    },
    {
      name: "workers",
      value: "N",
      about:
        "Serve with so many processes, which share the ports, the health of the servers and the log; auto is one a core. Default: 1, this process alone.",
    },
    {
      name: "watch",
      short: "w",
      about: "Read the files again whenever they change, those of --certificate, --ca and --error-page too.",
    },
    {
      name: "error-page",
      value: "STATUS=FILE",
      multiple: true,
      about:
        "Answer errors of this status with a page of your own: [LISTENER/]STATUS=FILE, e.g. 502=sorry.html. Those of the configuration are on the web and are not fetched.",
    },
    { name: "azure-pages", about: "Error pages that look like those of the gateway in Azure." },
    { name: "explain-header", about: "Say the cause on the error response itself, in X-Causeway-Cause." },
    {
      name: "max-connections",
      value: "N",
      about:
        "Connections of clients at a time; further ones get 503. Default: six tenths of the limit of open files.",
    },
    {
      name: "max-connections-per-client",
      value: "N",
      about: "Connections at a time from one address. Default: as many as from all.",
    },
    {
      name: "max-requests",
      value: "N",
      about:
        "Requests and tunnels under way at a time; further ones get 503. Default: 35 in a hundred of the limit of open files.",
    },
    {
      name: "max-memory",
      value: "SIZE",
      about:
        "Memory to be used, such as 512M or 4G: near it keep-alive is given up, then requests get 503. Default: three quarters of what this process may have.",
    },
    {
      name: "drain",
      value: "SECONDS",
      about: "How long requests under way may take at the end. Default: 30.",
    },
    {
      name: "gateway",
      short: "g",
      value: "NAME",
      about: "Serve this gateway (name or resource id), where there are several.",
    },
  ],
  examples: [
    "causeway run gateway.json --listen 80=8080",
    "causeway run gateway.yaml --listen 80=8080 --admin 127.0.0.1:9090",
    "causeway run exports/ --listen 443=8443 --self-signed --backend pool/app=127.0.0.1:3000",
  ],
  exits: [
    meaning(exitCodes.fine, "it was told to end, and requests under way were answered or given their time"),
    meaning(
      exitCodes.usage,
      "the input or the usage is wrong, or a port cannot be listened at: nothing was served",
    ),
    meaning(exitCodes.failed, "Causeway itself failed"),
    meaning(exitCodes.interrupted, "it was told to end once more, and requests under way were given up"),
  ],
  load: async () => (await import("./commands/run.ts")).run,
};
