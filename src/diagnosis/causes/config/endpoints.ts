import type { Protocol } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Health, Plans } from "../../facets.ts";

/** A server of another pair that was seen healthy at the same address. */
export interface SeenEndpoint {
  readonly server: Server;
  readonly port: number;
  readonly protocol: Protocol;
}

/** What healthy probes tell of addresses: on which ports, by which protocol somebody answers there. */
export class SeenEndpoints {
  private readonly byAddress = new Map<string, SeenEndpoint[]>();

  constructor(health: Health, plans: Plans) {
    for (const { server, observation, message } of health.entries) {
      if (observation.health !== "healthy" || (message.key !== undefined && message.phase !== "ok")) continue;
      const { port, protocol } = plans.probe(server);
      if (server.address === undefined || port.value === undefined) continue;
      const key = server.address.toLowerCase();
      const list = this.byAddress.get(key);
      const seen = { server, port: port.value, protocol };
      if (list === undefined) this.byAddress.set(key, [seen]);
      else if (!list.some((one) => one.port === seen.port && one.protocol === seen.protocol)) list.push(seen);
    }
  }

  at(server: Server): readonly SeenEndpoint[] {
    return this.byAddress.get(server.address?.toLowerCase() ?? "") ?? [];
  }
}

const endpoints = new WeakMap<Health, SeenEndpoints>();

/** Made once per diagnosis: several checks ask. */
export function seenEndpoints(health: Health, plans: Plans): SeenEndpoints {
  const known = endpoints.get(health);
  if (known !== undefined) return known;
  const made = new SeenEndpoints(health, plans);
  endpoints.set(health, made);
  return made;
}
