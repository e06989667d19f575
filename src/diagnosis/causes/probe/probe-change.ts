import type { Change, Json } from "../../../model/change.ts";
import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { partId } from "../../statements.ts";

/** Settings of a probe by path, e.g. `match/statusCodes`. */
type Fields = Readonly<Record<string, Json>>;

/**
 * Changes a probe for the settings that need it. Where others use the same probe, it stays as it is for them and these
 * settings get a copy.
 */
export function changeProbe(
  gateway: Gateway,
  probe: Probe,
  settings: readonly BackendSetting[],
  fields: Fields,
): Change[] {
  const others = gateway.settings.some(
    (setting) => setting.probe?.target === probe && !settings.includes(setting),
  );
  if (others) return attachNewProbe(gateway, settings, `${probe.name}-2`, nested(fieldsOf(probe), fields));
  return Object.entries(fields).map(([path, value]) => ({
    action: "set",
    resourceId: partId(gateway, "probes", probe),
    path,
    value,
  }));
}

/** A new probe with the default's times, for settings that have none. */
export function addProbe(
  gateway: Gateway,
  settings: readonly BackendSetting[],
  name: string,
  fields: Fields,
): Change[] {
  const [first] = settings;
  const defaults = {
    protocol: first?.protocol ?? "Http",
    path: "/",
    interval: 30,
    timeout: 30,
    unhealthyThreshold: 3,
  };
  return attachNewProbe(gateway, settings, name, nested(defaults, fields));
}

/** What the default probe of these settings sends as its host, for a new probe that is to send the same. */
export function hostLikeDefault(settings: readonly BackendSetting[]): Fields {
  const named = settings.every(
    ({ hostName, pickHostNameFromBackendAddress: picks }) => hostName !== undefined || picks,
  );
  return named ? { pickHostNameFromBackendHttpSettings: true } : { host: "127.0.0.1" };
}

/** Puts an existing probe, or a new one, on settings. */
export function attachProbe(
  gateway: Gateway,
  settings: readonly BackendSetting[],
  probeId: string,
): Change[] {
  return settings.map((setting) => ({
    action: "set",
    resourceId: partId(gateway, setting.collection, setting),
    path: "probe",
    value: { id: probeId },
  }));
}

function attachNewProbe(
  gateway: Gateway,
  settings: readonly BackendSetting[],
  wantedName: string,
  fields: Fields,
): Change[] {
  const name = freeName(gateway, wantedName);
  const id = `${gateway.id}/probes/${name}`;
  return [
    { action: "add", resourceId: gateway.id, list: "probes", value: { name, id, ...fields } },
    ...attachProbe(gateway, settings, id),
  ];
}

function freeName(gateway: Gateway, wanted: string): string {
  const taken = new Set(gateway.probes.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wanted}-${n}`;
  return name;
}

/** Paths become objects inside, as a whole probe is written. */
function nested(base: Fields, fields: Fields): Fields {
  const result: Record<string, Json> = { ...base };
  for (const [path, value] of Object.entries(fields)) {
    const [outer = path, inner] = path.split("/");
    const existing = result[outer];
    const holder =
      existing !== null && typeof existing === "object" && !Array.isArray(existing) ? existing : {};
    result[outer] = inner === undefined ? value : { ...holder, [inner]: value };
  }
  return result;
}

function fieldsOf(probe: Probe): Fields {
  const { match } = probe;
  return nested(
    {
      protocol: probe.protocol,
      pickHostNameFromBackendHttpSettings: probe.pickHostNameFromBackendHttpSettings,
      interval: probe.intervalS,
      timeout: probe.timeoutS,
      unhealthyThreshold: probe.unhealthyThreshold,
      minServers: probe.minServers,
    },
    {
      ...(probe.host === undefined ? {} : { host: probe.host }),
      ...(probe.path === undefined ? {} : { path: probe.path }),
      ...(probe.port === undefined ? {} : { port: probe.port }),
      ...(match.statusCodes.length === 0 ? {} : { "match/statusCodes": match.statusCodes }),
      ...(match.body === undefined ? {} : { "match/body": match.body }),
    },
  );
}
