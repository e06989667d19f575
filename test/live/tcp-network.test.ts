import { describe, expect, test } from "vitest";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { answering } from "./support/http-backend.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { closedPortAt, httpAt } from "./support/servers.ts";
import { stuckAt } from "./support/stuck.ts";

const root = "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network";
const networkId = `${root}/virtualNetworks/vnet-live`;
/** Of the gateway; nobody else in these suites has an address in it. */
const gatewaySubnet = "127.200.0.0/24";
const inSubnet = "127.200.0.4";
const elsewhere = "127.201.0.4";

const healthy = answering(({ path }) => (path === "/health" || path === "/" ? 200 : 404));

interface Around {
  /** A rule of the servers' subnet that denies the gateway. */
  readonly denied?: boolean;
  /** Of the machine that has the first server's address. */
  readonly powerState?: string;
}

/** The gateway in a network of this machine's own addresses: its subnet, and one for all servers. */
function documentsOf(
  backends: readonly LiveBackend[],
  { denied = false, powerState = "VM running" }: Around = {},
) {
  const group = `${root}/networkSecurityGroups/nsg-servers`;
  const servers = `${networkId}/subnets/servers`;
  const rule = {
    name: "deny-gateway",
    priority: 200,
    direction: "Inbound",
    access: denied ? "Deny" : "Allow",
    protocol: "*",
    sourceAddressPrefix: gatewaySubnet,
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "*",
  };
  return {
    "gateway.json": gatewayOf(backends, {
      gatewayIPConfigurations: [{ name: "ip", subnet: { id: `${networkId}/subnets/gateway` } }],
    }),
    "vnet.json": {
      id: networkId,
      name: "vnet-live",
      type: "Microsoft.Network/virtualNetworks",
      addressSpace: { addressPrefixes: ["127.0.0.0/8"] },
      subnets: [
        { id: `${networkId}/subnets/gateway`, name: "gateway", addressPrefix: gatewaySubnet },
        { id: servers, name: "servers", addressPrefix: "127.32.0.0/11", networkSecurityGroup: { id: group } },
        {
          id: `${networkId}/subnets/more`,
          name: "more",
          addressPrefix: "127.64.0.0/10",
          networkSecurityGroup: { id: group },
        },
      ],
    },
    "nsg.json": {
      id: group,
      name: "nsg-servers",
      type: "Microsoft.Network/networkSecurityGroups",
      securityRules: [{ id: `${group}/securityRules/deny-gateway`, ...rule }],
    },
    ...machineDocuments(backends[0]?.servers[0], powerState),
  };
}

function machineDocuments(address: string | undefined, powerState: string) {
  const compute = root.replace("Microsoft.Network", "Microsoft.Compute");
  const nic = `${root}/networkInterfaces/nic-1`;
  const vm = `${compute}/virtualMachines/vm-1`;
  return {
    "nic.json": {
      id: nic,
      name: "nic-1",
      type: "Microsoft.Network/networkInterfaces",
      virtualMachine: { id: vm },
      ipConfigurations: [
        {
          id: `${nic}/ipConfigurations/a`,
          name: "a",
          primary: true,
          privateIPAddress: address,
          subnet: { id: `${networkId}/subnets/more` },
        },
      ],
    },
    "vm.json": {
      id: vm,
      name: "vm-1",
      type: "Microsoft.Compute/virtualMachines",
      powerState,
      networkProfile: { networkInterfaces: [{ id: nic }] },
    },
  };
}

const quick = { probe: { timeout: 1 }, setting: { requestTimeout: 1 } };
const from = (address: string) => ["--from-address", address];

describe.concurrent("silence", () => {
  test("again and again, while another port refuses and the network is open: host-firewall", async () => {
    await using stuck = await stuckAt(ownAddress());
    await using pay = await httpAt(ownAddress(), healthy);
    const { address, port } = stuck;
    const other = { name: "pay", servers: [pay.address], port: pay.port };
    const documents = documentsOf([{ name: "shop", servers: [address], port, ...quick }, other]);
    const seen = await diagnoseLive(documents, from(inSubnet));
    expect(seen.roots).toEqual(["host-firewall"]);
    expect(seen.finding("host-firewall").certainty).toBe("proven");
    expect(seen.finding("host-firewall").experiments[0]).toMatchObject({ changed: "port", helped: true });
    expect(seen.finding("host-firewall").fix?.summary).toContain(gatewaySubnet);
  });

  test("the same from elsewhere may be another device's: not host-firewall", async () => {
    await using stuck = await stuckAt(ownAddress());
    await using pay = await httpAt(ownAddress(), healthy);
    const { address, port } = stuck;
    const other = { name: "pay", servers: [pay.address], port: pay.port };
    const documents = documentsOf([{ name: "shop", servers: [address], port, ...quick }, other]);
    const seen = await diagnoseLive(documents, from(elsewhere));
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("host-firewall");
  });

  test("while a rule denies the gateway: the rule, and neither host-firewall nor tcp-refused", async () => {
    await using stuck = await stuckAt(ownAddress());
    const { address, port } = stuck;
    const wish = { name: "shop", servers: [address], port, ...quick };
    const seen = await diagnoseLive(documentsOf([wish], { denied: true }), from(inSubnet));
    expect(seen.roots).toEqual(["nsg-backend-subnet-in"]);
    expect(seen.finding("nsg-backend-subnet-in").certainty).toBe("proven");
  });

  test("from elsewhere proves no rule", async () => {
    await using stuck = await stuckAt(ownAddress());
    const { address, port } = stuck;
    const wish = { name: "shop", servers: [address], port, ...quick };
    const seen = await diagnoseLive(documentsOf([wish], { denied: true }), from(elsewhere));
    expect(seen.roots).toEqual(["nsg-backend-subnet-in"]);
    expect(seen.finding("nsg-backend-subnet-in").certainty).toBe("likely");
  });

  test("of a machine that is switched off: backend-down", async () => {
    await using stuck = await stuckAt(ownAddress());
    const { address, port } = stuck;
    const wish = { name: "shop", servers: [address], port, ...quick };
    const seen = await diagnoseLive(documentsOf([wish], { powerState: "VM deallocated" }), from(inSubnet));
    expect(seen.roots).toEqual(["backend-down"]);
    expect(seen.finding("backend-down").certainty).toBe("proven");
  });

  test("that ends when it is asked again: backend-accept-full", async () => {
    await using stuck = await stuckAt(ownAddress());
    const { address, port } = stuck;
    // Another port is tried before the same one is asked again: that is when the program begins to accept.
    await using other = await httpAt(address, (_, response) => {
      void stuck.release().then(() => response.writeHead(404).end());
    });
    await using pay = await httpAt(ownAddress(), healthy, other.port);
    const documents = documentsOf([
      { name: "shop", servers: [address], port, ...quick },
      { name: "pay", servers: [pay.address], port: pay.port },
    ]);
    const seen = await diagnoseLive(documents, from(inSubnet));
    expect(seen.roots).toEqual(["backend-accept-full"]);
    expect(seen.finding("backend-accept-full").certainty).toBe("proven");
    expect(seen.finding("backend-accept-full").experiments[0]).toMatchObject({
      changed: "moment of asking",
      helped: true,
    });
  });
});

describe("whoever is reached", () => {
  test("from the gateway's subnet denies a rule, whatever it answers", async () => {
    const address = ownAddress();
    const wish = { name: "shop", servers: [address], port: await closedPortAt(address) };
    const seen = await diagnoseLive(documentsOf([wish], { denied: true }), from(inSubnet));
    expect(seen.roots).toEqual(["tcp-refused"]);
    expect(seen.finding("nsg-backend-subnet-in").role).toBe("risk");
  });

  test("from elsewhere denies no rule, and what it refuses is no other root", async () => {
    const address = ownAddress();
    const wish = { name: "shop", servers: [address], port: await closedPortAt(address) };
    const seen = await diagnoseLive(documentsOf([wish], { denied: true }), from(elsewhere));
    expect(seen.roots).toEqual(["nsg-backend-subnet-in"]);
    expect(seen.finding("nsg-backend-subnet-in").certainty).toBe("likely");
    expect(seen.finding("tcp-refused").role).toBe("contributing");
  });

  test("is not switched off, whatever an older document says", async () => {
    const address = ownAddress();
    const wish = { name: "shop", servers: [address], port: await closedPortAt(address) };
    const seen = await diagnoseLive(documentsOf([wish], { powerState: "VM deallocated" }), from(inSubnet));
    expect(seen.roots).toEqual(["tcp-refused"]);
  });

  test("from the gateway's subnet and answers well: nothing, though the same rule stands there", async () => {
    await using server = await httpAt(ownAddress(), healthy);
    const wish = { name: "shop", servers: [server.address], port: server.port };
    const seen = await diagnoseLive(documentsOf([wish], { denied: true }), from(inSubnet));
    expect(seen.roots).toEqual([]);
  });

  test("in an open network: nothing at all", async () => {
    await using server = await httpAt(ownAddress(), healthy);
    const wish = { name: "shop", servers: [server.address], port: server.port };
    const seen = await diagnoseLive(documentsOf([wish]), from(inSubnet));
    expect(seen.findings).toEqual([]);
    expect(seen.code).toBe(0);
  });
});
