import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { Running } from "../cli/running.ts";
import { talkTo } from "../gateway/exchange/scene.ts";
import { gatewayOf } from "../live/support/gateway.ts";
import { answering } from "../live/support/http-backend.ts";
import { ownAddress } from "../live/support/own-address.ts";
import { closedPortAt, httpAt } from "../live/support/servers.ts";
import { a } from "./dns-message.ts";
import { dnsServer, nxdomain } from "./dns-server.ts";

/** The runs whose output the documentation shows, by the name in the comment above the block. */
export const documentedRuns: Readonly<Record<string, () => Promise<string>>> = {
  "npm run demo:live": demo,
  "safe experiments": safeExperiments,
  "two answers to a name": twoAnswersToAName,
  "every second request": everySecondRequest,
  "diagnosis through the gateway": diagnosisThroughTheGateway,
  "causeway run gateway.yaml": ownGateway,
};

/** The configuration that the README shows, with nobody at the port of its servers. */
async function ownGateway(): Promise<string> {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const yaml = /<!-- file: gateway.yaml -->\n\n```yaml\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const closed = await closedPortAt("127.0.0.1");
  using folder = folderWith({ "gateway.yaml": yaml.replace("port: 3000", `port: ${closed}`) });
  const words = [join(folder.path, "gateway.yaml"), "--listen", "80=0", "--admin", "127.0.0.1:0"];
  const running = new Running(words);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void (await running.end()));
  await running.said(/ready/);
  const portIn = (pattern: RegExp) => Number(pattern.exec(running.stderr)?.[1]);
  const served = portIn(/http:\/\/127\.0\.0\.1:(\d+)/);
  const response = await talkTo(
    served,
    "GET / HTTP/1.1\r\nHost: shop.contoso.example\r\nConnection: close\r\n\r\n",
  );
  const id = /X-Appgw-Trace-Id: ([0-9a-f]{32})/.exec(response)?.[1];
  const admin = portIn(/admin port is 127\.0\.0\.1:(\d+)/);
  const explained = await fetch(`http://127.0.0.1:${admin}/explain/${id}/text`);
  const { stderr } = running;
  return `${stderr}\n${response}\n${await explained.text()}`.replaceAll(`${folder.path}/`, "");
}

/** As a user calls it, piped. */
async function demo(): Promise<string> {
  using folder = folderWith({});
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const child = spawn(process.execPath, ["tools/live-demo.ts"], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder.path, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part) => {
    errors += part;
  });
  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`npm run demo:live ended with ${code}: ${errors}\n${text.slice(-2000)}`);
  return text;
}

/** A server that is healthy under a path nobody has configured, and only experiments beyond the safe ones may ask for. */
async function safeExperiments(): Promise<string> {
  await using server = await httpAt(
    ownAddress(),
    answering(({ path }) => (path === "/healthz" ? 200 : 404)),
  );
  const { address, port } = server;
  const document = gatewayOf([{ name: "shop", servers: [address], port }]);
  return await shown({ "gateway.json": document }, (folder) => ["diagnose", folder, "--live"]);
}

const orders = "orders.corp.contoso.example";

/** The gateway's DNS server does not know the name of its server, another does. */
async function twoAnswersToAName(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(
    await httpAt(
      ownAddress(),
      answering(() => 200),
    ),
  );
  const own = stack.use(await dnsServer(() => nxdomain));
  const other = stack.use(await dnsServer(() => [a(orders, server.address)]));
  const subnet = { id: `${networkId}/subnets/agw`, name: "agw", addressPrefix: "10.10.1.0/24" };
  const documents = {
    "gateway.json": gatewayOf([{ name: "orders", servers: [orders], port: server.port }], {
      gatewayIPConfigurations: [{ name: "ip", subnet: { id: subnet.id } }],
    }),
    "vnet.json": {
      id: networkId,
      name: "vnet-live",
      type: "Microsoft.Network/virtualNetworks",
      addressSpace: { addressPrefixes: ["10.10.0.0/16"] },
      dhcpOptions: { dnsServers: [own.address] },
      subnets: [subnet],
    },
  };
  const servers = ["--dns", `${own.address}:${own.port}`, "--compare-dns", `${other.address}:${other.port}`];
  return await shown(documents, (folder) => ["diagnose", folder, "--live", ...servers]);
}

const networkId =
  "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network/virtualNetworks/vnet-live";
const asked = "http://shop.contoso.example/cart/items";

function everySecondRequest(): Promise<string> {
  return withShop((folder, ways) => ["bypass", asked, "--case", folder, ...ways]);
}

function diagnosisThroughTheGateway(): Promise<string> {
  return withShop((folder, ways) => ["diagnose", folder, "--live", "--url", asked, ...ways]);
}

/** Two servers, of which one does not listen, and something that stands for the gateway and takes them in turns. */
async function withShop(
  wordsFor: (folder: string, ways: readonly string[]) => readonly string[],
): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(
    await httpAt(
      ownAddress(),
      answering(() => 200),
    ),
  );
  let asked = 0;
  const gateway = stack.use(
    await httpAt(ownAddress(), (_, response) => {
      asked += 1;
      if (asked % 2 === 0) response.writeHead(200, { "Set-Cookie": "ApplicationGatewayAffinity=1" }).end();
      else response.writeHead(502, { "Content-Type": "text/html" }).end(gatewayPage);
    }),
  );
  const closed = ownAddress();
  const ways = [
    ...["--via", `${gateway.address}:${gateway.port}`],
    ...["--backend", `10.20.1.4=${server.address}:${server.port}`],
    ...["--backend", `10.20.1.5=${closed}:${await closedPortAt(closed)}`],
  ];
  const members = ["10.20.1.4", "10.20.1.5"];
  const shop = { name: "shop", servers: members, port: 8080, paths: ["/cart/*"], probe: { path: "/" } };
  return await shown({ "gateway.json": gatewayOf([shop]) }, (folder) => wordsFor(folder, ways));
}

const gatewayPage =
  "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>" +
  "<center>Microsoft-Azure-Application-Gateway/v2</center></body></html>";

async function shown(
  documents: Readonly<Record<string, unknown>>,
  wordsFor: (folder: string) => readonly string[],
): Promise<string> {
  using folder = folderWith(documents);
  const { stdout, stderr } = await runCli(wordsFor(folder.path), { now: Date.now });
  if (stdout === "") throw new Error(stderr);
  return stdout.replaceAll(`${folder.path}/`, "").replaceAll(folder.path, "export");
}
