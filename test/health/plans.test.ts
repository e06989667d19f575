import { describe, expect, test } from "vitest";
import { planProbe } from "../../src/health/probe-plan.ts";
import { planRequest } from "../../src/health/request-plan.ts";
import { defaultSwitches, type Switches } from "../../src/health/switches.ts";
import type { BackendSetting, Generation } from "../../src/model/gateway.ts";
import { readGateway } from "../../src/model/read/gateway.ts";
import { Links } from "../../src/model/read/links.ts";
import { Source } from "../../src/model/source.ts";

const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/gw";

/** A setting as a gateway document would hold it, with its probe when one is given. */
function settingOf(setting: object, probe?: object): BackendSetting {
  const body = {
    id,
    name: "gw",
    sku: { name: "Standard_v2", tier: "Standard_v2" },
    backendHttpSettingsCollection: [
      {
        name: "s",
        port: 443,
        protocol: "Https",
        ...setting,
        ...(probe && { probe: { id: `${id}/probes/p` } }),
      },
    ],
    probes: probe === undefined ? [] : [{ name: "p", protocol: "Https", ...probe }],
  };
  const source = new Source("gw.json", "", body);
  const gateway = readGateway({ id, type: "microsoft.network/applicationgateways", source }, new Links());
  return gateway.settings[0] as BackendSetting;
}

interface ProbeRow {
  readonly setting?: object;
  readonly probe?: object;
  readonly member: string;
  readonly generation?: Generation;
  readonly switches?: Partial<Switches>;
  readonly host: string | undefined;
  readonly sni: string | undefined;
  readonly rejected?: boolean;
  readonly because?: string;
}

const fqdn = "app.contoso.example";
const ip = "10.1.0.4";
const pick = { pickHostNameFromBackendAddress: true };
const fromSetting = { pickHostNameFromBackendHttpSettings: true, path: "/h" };

/** The table of health-probes.md §3, row by row. */
const probeRows: Readonly<Record<string, ProbeRow>> = {
  "default probe, no host fields": {
    member: fqdn,
    host: "127.0.0.1",
    sni: undefined,
    because: "/backendHttpSettingsCollection/0/probe",
  },
  "default probe, hostName": {
    setting: { hostName: "h.example" },
    member: ip,
    host: "h.example",
    sni: "h.example",
  },
  "default probe, hostName, switched to the literal": {
    setting: { hostName: "h.example" },
    member: ip,
    switches: { defaultProbeHost: "127.0.0.1" },
    host: "127.0.0.1",
    sni: undefined,
  },
  "default probe, picked FQDN": { setting: pick, member: fqdn, host: fqdn, sni: fqdn },
  "default probe, picked IP": { setting: pick, member: ip, host: ip, sni: undefined },
  "probe host wins over everything": {
    setting: { hostName: "h.example" },
    probe: { host: "p.example", path: "/h" },
    member: fqdn,
    host: "p.example",
    sni: "p.example",
    because: "/probes/0/host",
  },
  "probe host that is an IP is not sent as SNI": {
    probe: { host: "10.9.9.9", path: "/h" },
    member: fqdn,
    host: "10.9.9.9",
    sni: undefined,
  },
  "picked from setting, hostName": {
    setting: { hostName: "h.example" },
    probe: fromSetting,
    member: fqdn,
    host: "h.example",
    sni: "h.example",
  },
  "picked from setting, picked FQDN": {
    setting: pick,
    probe: fromSetting,
    member: fqdn,
    host: fqdn,
    sni: fqdn,
  },
  "picked from setting, picked IP": {
    setting: pick,
    probe: fromSetting,
    member: ip,
    host: ip,
    sni: undefined,
  },
  "picked from setting, neither": {
    probe: fromSetting,
    member: fqdn,
    host: undefined,
    sni: undefined,
    rejected: true,
  },
  "probe without host and without pick": {
    probe: { path: "/h" },
    member: fqdn,
    host: "127.0.0.1",
    sni: undefined,
  },
  "v1: SNI is the member's name whatever the host": {
    generation: "v1",
    probe: { host: "p.example", path: "/h" },
    member: fqdn,
    host: "p.example",
    sni: fqdn,
  },
  "v1: no SNI for IP members": {
    generation: "v1",
    probe: { host: "p.example", path: "/h" },
    member: ip,
    host: "p.example",
    sni: undefined,
  },
};

describe("probe plan", () => {
  test.each(Object.entries(probeRows))("%s", (_, row) => {
    const setting = settingOf(row.setting ?? {}, row.probe);
    const switches = { ...defaultSwitches, ...row.switches };
    const plan = planProbe(row.generation ?? "v2", setting, row.member, switches);
    expect(plan.host.value).toBe(row.host);
    expect(plan.sni.value).toBe(row.sni);
    expect(plan.host.rejected).toBe(row.rejected ?? false);
    if (row.because !== undefined) expect(plan.host.because.pointer).toBe(row.because);
  });

  test("takes the setting's port unless the probe has its own", () => {
    expect(planProbe("v2", settingOf({}, { path: "/" }), ip, defaultSwitches).port.value).toBe(443);
    expect(planProbe("v2", settingOf({}, { path: "/", port: 8443 }), ip, defaultSwitches).port.value).toBe(
      8443,
    );
  });

  test("v1 probes have no port of their own", () => {
    expect(planProbe("v1", settingOf({}, { path: "/", port: 8443 }), ip, defaultSwitches).port.value).toBe(
      443,
    );
  });

  test("takes the nearest time-out that Azure allows", () => {
    const timeoutOf = (timeout: number) =>
      planProbe("v2", settingOf({}, { path: "/", timeout }), ip, defaultSwitches).timeoutS;
    expect([0, 90_000, 5].map(timeoutOf)).toEqual([1, 86_400, 5]);
  });

  test("has the documented defaults when the setting has no probe", () => {
    const plan = planProbe("v2", settingOf({}), ip, defaultSwitches);
    expect(plan).toMatchObject({ kind: "default", intervalS: 30, timeoutS: 30, unhealthyThreshold: 3 });
    expect(plan.path.value).toBe("/");
    expect(plan.healthyStatuses.value).toEqual([{ from: 200, to: 399 }]);
  });
});

interface RequestRow {
  readonly setting?: object;
  readonly member: string;
  readonly generation?: Generation;
  readonly switches?: Partial<Switches>;
  readonly host: string;
  readonly sni: string;
}

/** request-handling.md §6 and §8.2. */
const requestRows: Readonly<Record<string, RequestRow>> = {
  "no host fields: the client's host, and its name checked": {
    member: ip,
    host: "(client)",
    sni: "(client)",
  },
  hostName: { setting: { hostName: "h.example" }, member: fqdn, host: "h.example", sni: "h.example" },
  "picked FQDN": { setting: pick, member: fqdn, host: fqdn, sni: fqdn },
  "picked IP: no SNI": { setting: pick, member: ip, host: ip, sni: "(none)" },
  sniName: { setting: { sniName: "s.example" }, member: ip, host: "(client)", sni: "s.example" },
  "sniName counts only while the name is validated": {
    setting: { sniName: "s.example", validateSNI: false },
    member: ip,
    host: "(client)",
    sni: "(client)",
  },
  "FQDN member without host, switched to the member's name": {
    member: fqdn,
    switches: { liveSniWithoutHost: "member" },
    host: "(client)",
    sni: fqdn,
  },
  "v1: SNI is the member's name": {
    generation: "v1",
    setting: { hostName: "h.example" },
    member: fqdn,
    host: "h.example",
    sni: fqdn,
  },
  "no TLS: no SNI": { setting: { protocol: "Http" }, member: fqdn, host: "(client)", sni: "(none)" },
};

describe("request plan", () => {
  test.each(Object.entries(requestRows))("%s", (_, row) => {
    const switches = { ...defaultSwitches, ...row.switches };
    const plan = planRequest(row.generation ?? "v2", settingOf(row.setting ?? {}), row.member, switches);
    const text = (choice: typeof plan.host): string =>
      choice.from === "client" ? "(client)" : (choice.value ?? "(none)");
    expect(text(plan.host)).toBe(row.host);
    expect(text(plan.sni)).toBe(row.sni);
  });
});
