import type { Gateway } from "../../model/gateway.ts";
import type { PreparedGateway } from "./prepared.ts";

interface Named {
  readonly name: string;
  readonly source: { readonly value: unknown };
}

const kinds: readonly (readonly [string, (gateway: Gateway) => readonly Named[]])[] = [
  ["listener", ({ listeners }) => listeners],
  ["rule", ({ rules }) => rules],
  ["pool", ({ pools }) => pools],
  ["backend setting", ({ settings }) => settings],
  ["probe", ({ probes }) => probes],
  ["certificate", ({ sslCertificates }) => sslCertificates],
];

/** More are counted and not named. */
const mostNamed = 50;

/** What another configuration changes, a line each; empty when it is the same in everything that has a name. */
export function changesBetween(before: PreparedGateway, after: PreparedGateway): readonly string[] {
  const changes = [
    ...(before.gateway.generation === after.gateway.generation
      ? []
      : [`the gateway is ${after.gateway.generation}`]),
    ...doorChanges(before, after),
    ...listenerChanges(before, after),
    ...kinds.flatMap(([kind, listOf]) => namedChanges(kind, listOf(before.gateway), listOf(after.gateway))),
  ];
  const more = changes.length - mostNamed;
  return more <= 0 ? changes : [...changes.slice(0, mostNamed), `and ${more} more`];
}

function doorChanges(before: PreparedGateway, after: PreparedGateway): readonly string[] {
  const placesOf = ({ doors }: PreparedGateway) =>
    new Set(doors.map(({ key, host, port }) => `${key} on ${host} port ${port}`));
  const [was, is] = [placesOf(before), placesOf(after)];
  return [
    ...[...is].filter((door) => !was.has(door)).map((door) => `${door} is opened`),
    ...[...was].filter((door) => !is.has(door)).map((door) => `${door} is closed`),
  ];
}

/** What clients see of listeners though nothing about them may have changed in the documents: certificates may be files. */
function listenerChanges(before: PreparedGateway, after: PreparedGateway): readonly string[] {
  const [was, is] = [servedBy(before), servedBy(after)];
  const names = (of: PreparedGateway) => new Set(of.gateway.listeners.map(({ name }) => name));
  const stays = (name: string): boolean => names(before).has(name) && names(after).has(name);
  return [
    ...[...was.keys()]
      .filter((name) => stays(name) && !is.has(name))
      .map((name) => `listener ${name} is not served any more`),
    ...[...is].flatMap(([name, digest]) => {
      if (!stays(name)) return [];
      if (!was.has(name)) return `listener ${name} is served now`;
      return was.get(name) === digest ? [] : `listener ${name} has another certificate`;
    }),
  ];
}

/** The listeners that are served, each with what tells its certificate from others. */
function servedBy({ doors }: PreparedGateway): ReadonlyMap<string, string | undefined> {
  return new Map(
    doors.flatMap(({ listeners, tls }) =>
      listeners.map(({ listener }) => {
        const identity = tls?.identities.find((one) => one.listener === listener);
        return [listener.name, identity?.digest] as const;
      }),
    ),
  );
}

function namedChanges(kind: string, before: readonly Named[], after: readonly Named[]): readonly string[] {
  const was = new Map(before.map((one) => [one.name, one]));
  const is = new Map(after.map((one) => [one.name, one]));
  const gone = [...was.keys()].filter((name) => !is.has(name)).map((name) => `${kind} ${name} is gone`);
  const others = [...is].flatMap(([name, one]) => {
    const old = was.get(name);
    if (old === undefined) return `${kind} ${name} is new`;
    return textOf(old) === textOf(one) ? [] : `${kind} ${name} is changed`;
  });
  return [...gone, ...others];
}

const textOf = ({ source }: Named): string => JSON.stringify(source.value) ?? "";
