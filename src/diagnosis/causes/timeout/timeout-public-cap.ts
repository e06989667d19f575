import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { RowReading } from "../../../model/observations.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, serverNames, settingSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { type Failures, failuresOf, pathNames, routesWith, rowEvidence } from "../log-evidence.ts";
import { cutOf } from "./cut-requests.ts";
import { isPublicTarget, publicCapS } from "./public-target.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly cut: { readonly failures: Failures; readonly reading: RowReading } | undefined;
}

/** The ways in which a log shows a request that was cut. */
const readings: readonly RowReading[] = ["timeout-v2", "timeout-v1", "upstream-closed", "gateway-error"];

export default defineCause({
  id: "timeout-public-cap",
  title: "Public backend cut at four minutes, whatever the limit",
  layer: "timeout",
  decidedBy: ["configuration", "log"],
  reads: ["gateway", "wiring", "traffic", "reach", "names"],
  explainedBy: requestCauses,
  about: `Requests to a backend outside the virtual network leave through a public address, and the platform ends such
connections after four minutes. A \`requestTimeout\` above 240 s has no effect there: the log shows answers missing at about
240 s, below the limit. Reach the backend through a private address, or let the request start the work and ask for its
result later. Live this is not tried: it would take a request of more than four minutes.`,
  find: ({ gateway, wiring, traffic, reach, names }) =>
    wiring.pairs.flatMap((pair): Decision<Match>[] => {
      const { setting } = pair;
      if (setting.requestTimeoutS <= publicCapS || setting.collection === "backendSettingsCollection")
        return [];
      const servers = pair.servers.filter((server) => isPublicTarget(server, { reach, names }) === true);
      if (servers.length === 0) return unknownTargets(pair, { reach, names });
      const cut = cutAtFourMinutes(pair, traffic);
      const match = { gateway, setting, servers, cut };
      if (cut === undefined) {
        return [
          {
            is: "found",
            key: pair.id,
            match,
            affects: { servers },
            effect: "threatens",
            basis: "configuration",
          },
        ];
      }
      return [
        {
          is: "found",
          key: pair.id,
          match,
          affects: { routes: routesWith(traffic, pair, [cut.reading]) },
          effect: "impairs",
          basis: "observed-likely",
          status: gateway.generation === "v2" ? 504 : 502,
        },
      ];
    }),
  say: ({ setting, servers, cut }): Statement => ({
    summary:
      cut === undefined
        ? `Backend setting ${setting.name} allows ${setting.requestTimeoutS} s, but ${serverNames(servers)} is reached over the internet, where requests end after ${publicCapS} s`
        : `${pathNames(cut.failures.paths)} through backend setting ${setting.name} is cut at about ${publicCapS} s (${cut.failures.count} of ${cut.failures.rows} requests): ${serverNames(servers)} is reached over the internet, where the ${setting.requestTimeoutS} s of the setting have no effect`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(`requestTimeout is ${setting.requestTimeoutS} s`, setting.source.at("requestTimeout")),
      ...(cut === undefined
        ? []
        : rowEvidence(
            cut.failures.seen,
            [cut.reading],
            (row) =>
              `${row.uri} ended after ${row.serverLatencyS ?? row.timeTakenS} s with ${row.httpStatus}`,
          )),
    ],
  }),
  fix: ({ servers }) => ({
    summary: `Give ${serverNames(servers)} a private endpoint and route to that, or let long requests return at once and be asked for their result.`,
    changes: [],
    sideEffects: [],
  }),
});

function cutAtFourMinutes(pair: Pair, traffic: Facets["traffic"]): Match["cut"] {
  const seen = traffic.pairs.find((one) => one.pair === pair);
  if (seen === undefined) return undefined;
  for (const reading of readings) {
    const failures = failuresOf(seen, [reading]);
    if (failures !== undefined && cutOf(seen, reading)?.at === "four-minutes") return { failures, reading };
  }
  return undefined;
}

/** Names of which it is not known where they lead. */
function unknownTargets(pair: Pair, facets: Pick<Facets, "reach" | "names">): Decision<never>[] {
  const servers = pair.servers.filter((server) => isPublicTarget(server, facets) === undefined);
  const missing = servers.flatMap((server) => facets.names.of(server)?.missing ?? [])[0];
  return missing === undefined ? [] : [{ is: "undecided", needs: needOf(missing), affects: { servers } }];
}
