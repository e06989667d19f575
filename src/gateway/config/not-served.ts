import { isTls } from "../../health/exchange.ts";
import type { Gateway, GatewayPart, Listener } from "../../model/gateway.ts";
import type { Reference } from "../../model/resource.ts";
import type { Origin } from "../../model/source.ts";
import { isLayer4 } from "../../routing/listener-match.ts";
import type { Route, Wiring } from "../../routing/routes.ts";
import type { BackendPlaces, NotServed } from "./prepared.ts";

/** What is wrong with the wiring or is not done by this machine, apart from doors and their TLS. */
export function gapsOf(gateway: Gateway, wiring: Wiring, places: BackendPlaces): NotServed[] {
  return [
    ...ofWholeGateway(gateway),
    ...listenersLeft(gateway),
    ...wiring.routes.flatMap(routeGaps),
    ...settingGaps(gateway, wiring),
    ...membersLeft(wiring, places),
  ];
}

function less(what: NotServed["what"], says: string, at: Origin, instead?: string): NotServed {
  return { what, weight: "less", says, instead, at };
}

function hole(what: NotServed["what"], says: string, at: Origin, instead?: string): NotServed {
  return { what, weight: "hole", says, instead, at };
}

function ofWholeGateway(gateway: Gateway): NotServed[] {
  const { source } = gateway;
  const found: NotServed[] = [];
  const listenerPolicy = gateway.listeners.find(
    (listener) => listener.source.referenceId("firewallPolicy") !== undefined,
  );
  if (gateway.firewallPolicyId !== undefined || gateway.wafEnabled || listenerPolicy !== undefined) {
    const at =
      gateway.firewallPolicyId !== undefined
        ? source.at("firewallPolicy")
        : gateway.wafEnabled
          ? source.at("webApplicationFirewallConfiguration")
          : (listenerPolicy ?? gateway).source;
    found.push(
      less("waf", "requests are not looked at by a web application firewall: nothing is blocked", at),
    );
  }
  if (/^stopped$/i.test(gateway.operationalState ?? "")) {
    found.push(
      less(
        "stopped",
        "the gateway was stopped when it was exported; it is served all the same",
        source.at("operationalState"),
      ),
    );
  }
  if (source.list("loadDistributionPolicies").length > 0) {
    found.push(
      less(
        "load-distribution",
        "load distribution policies are not followed: servers take turns",
        source.at("loadDistributionPolicies"),
      ),
    );
  }
  return found;
}

function listenersLeft(gateway: Gateway): NotServed[] {
  const bound = new Set(gateway.rules.flatMap(({ listener }) => listener?.target ?? []));
  return gateway.listeners.flatMap((listener) => {
    if (isLayer4(listener) && gateway.generation === "v1") {
      return [
        hole(
          "layer-4",
          `the listener ${listener.name} is not served: it is of layer 4 (${listener.protocol}), which v1 gateways do not have`,
          listener.source,
        ),
      ];
    }
    if (!bound.has(listener)) {
      const says = `the listener ${listener.name} is not served: no rule is bound to it`;
      return [hole("listener-without-rule", says, listener.source, "add a rule for it, or remove it")];
    }
    return danglingOf(listener);
  });
}

function danglingOf(listener: Listener): NotServed[] {
  const { sslProfile, frontendIpConfiguration } = listener;
  return [
    // Over TLS the listener is not served without it: see `clientCertificatesOf`.
    ...(isTls(listener.protocol)
      ? []
      : dangling(listener, "listener", sslProfile, "SSL profile", "it is served without")),
    ...dangling(
      listener,
      "listener",
      frontendIpConfiguration,
      "frontend address",
      "it is served all the same",
    ),
  ];
}

function dangling(
  holder: GatewayPart,
  kind: string,
  reference: Reference<unknown> | undefined,
  what: string,
  so: string,
): NotServed[] {
  if (reference === undefined || reference.target !== undefined) return [];
  const name = reference.id.split("/").at(-1);
  return [
    less(
      "reference",
      `the ${kind} ${holder.name} names the ${what} ${name}, which the gateway does not have; ${so}`,
      reference.source,
    ),
  ];
}

/** Requests that take the route are answered, with an error. */
function routeGaps({ id, rule, pathRule, leadsTo, pair }: Route): NotServed[] {
  const { pool, setting, redirect, rewriteRuleSet } = leadsTo;
  const gaps = dangling(rule, "rule", rewriteRuleSet, "rewrite set", "nothing is rewritten");
  if (pair !== undefined) return gaps;
  const missing = Object.entries({ redirect, pool, setting }).flatMap(([kind, reference]) =>
    reference === undefined || reference.target !== undefined ? [] : { kind, reference },
  );
  const [broken] = missing;
  if (broken !== undefined) {
    const named = missing.map(({ kind, reference }) => `the ${kind} ${reference.id.split("/").at(-1)}`);
    const says = `the route ${id} names ${named.join(" and ")}, which the gateway does not have: its requests get an error`;
    return [...gaps, hole("reference", says, broken.reference.source, `name a ${broken.kind} that is there`)];
  }
  const unfinished =
    pool !== undefined || setting !== undefined || (redirect === undefined && pathRule !== "default");
  if (redirect !== undefined || !unfinished) return gaps;
  const says = `the route ${id} leads nowhere: it needs a pool and a setting, or a redirect`;
  return [...gaps, hole("rule-leads-nowhere", says, rule.source)];
}

function settingGaps(gateway: Gateway, { pairs }: Wiring): NotServed[] {
  const used = new Set(pairs.map(({ setting }) => setting));
  return gateway.settings
    .filter((setting) => used.has(setting))
    .flatMap((setting) => [
      ...dangling(setting, "setting", setting.probe, "probe", "the default probe is sent"),
      ...[...setting.trustedRootCertificates, ...setting.authenticationCertificates].flatMap((reference) =>
        dangling(setting, "setting", reference, "certificate", "it is not trusted"),
      ),
    ]);
}

/** Interfaces that joined a pool and were not exported, unless the call says where the pool is. */
function membersLeft({ pairs }: Wiring, places: BackendPlaces): NotServed[] {
  const told = new Set<string>();
  return pairs.flatMap(({ pool, servers }) => {
    const nowhere = servers.filter(
      (server) =>
        server.address === undefined && places.placeOf(server, server.pair.setting.port ?? 80) === undefined,
    );
    const [first] = nowhere;
    if (first === undefined || told.has(pool.id)) return [];
    told.add(pool.id);
    const some = nowhere.length === 1 ? "a member" : `${nowhere.length} members`;
    const says = `the pool ${pool.name} has ${some} whose address is not among the documents: no request is sent there`;
    return [
      less(
        "member-without-address",
        says,
        first.member.source,
        `export the network interfaces, or say --backend pool/${pool.name}=ADDRESS:PORT`,
      ),
    ];
  });
}
