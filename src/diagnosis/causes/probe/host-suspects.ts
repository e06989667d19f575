import { nameOnly } from "../../../health/probe-plan.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";
import { clientHosts } from "../tls/client-hosts.ts";
import { type RefusedAnswer, refusedWith } from "./answers.ts";
import { mayHostHelp } from "./host-trials.ts";

/**
 * Servers that refuse a host which only the probe names, of no platform service, where nobody has tried other hosts in vain.
 * 421 says that it is the host (RFC 9110 §15.5.20); 404 may be the path as well. Over TLS, a server that shows a
 * certificate for the host knows it.
 */
export function hostSuspects({
  services,
  health,
  gateway,
  live,
}: Pick<Facets, "gateway" | "services" | "health" | "live">): RefusedAnswer[] {
  return refusedWith(health, (status) => status === 421 || status === 404).filter((answer) => {
    const { server } = answer;
    if (answer.status === 404 && server.pair.setting.protocol === "Https") return false;
    if (services.of(server) !== undefined || !isNamedByProbeAlone(server)) return false;
    return answer.live === undefined || mayHostHelp({ gateway, services, live }, answer.live);
  });
}

function isNamedByProbeAlone({ pair, address }: Server): boolean {
  const { setting } = pair;
  const own = nameOnly(setting.probe?.target?.host)?.toLowerCase();
  if (own === undefined || own === "localhost") return false;
  const others = [setting.hostName, address, ...clientHosts(pair).names];
  return !others.some((name) => name?.toLowerCase() === own);
}
