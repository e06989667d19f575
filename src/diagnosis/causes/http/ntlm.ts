import type { Pair, Route } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { ReplayedRequest } from "../../live-evidence.ts";
import { evidence, partId, poolSubject, settingSubject } from "../../statements.ts";
import { askedWords } from "./seen-live.ts";

interface Match {
  readonly gateway: Facets["gateway"];
  readonly pair: Pair;
  readonly shown: ReplayedRequest;
  readonly schemes: readonly string[];
}

export default defineCause({
  id: "ntlm",
  title: "Backend uses NTLM or Kerberos behind a v2 gateway",
  layer: "http",
  decidedBy: ["live"],
  reads: ["gateway", "live"],
  explainedBy: [],
  about: `NTLM and Kerberos sign in a connection rather than a request. A v2 gateway shares its connections to servers between
clients, unless the setting has \`dedicatedBackendConnection\`, so that signing in starts anew again and again: clients see
401 and prompts without end, not 502. Live, the answer offers \`NTLM\` or \`Negotiate\` in \`WWW-Authenticate\` and nothing else.
Give every client its own connections, or use another way of signing in; a probe needs an anonymous path or 401 among its
accepted codes.`,
  find: ({ gateway, live }) => {
    if (gateway.generation !== "v2") return [];
    const asked = live.requests.filter((one) => bindsConnection(one));
    return [...Map.groupBy(asked, ({ server }) => server.pair)].map(([pair, requests]): Decision<Match> => {
      const [shown] = requests as [ReplayedRequest];
      const routes: readonly Route[] = [...new Set(requests.map(({ route }) => route))];
      const schemes = schemesOf(shown);
      return {
        is: "found",
        key: pair.id,
        match: { gateway, pair, shown, schemes },
        affects: { routes },
        effect: "impairs",
        // Negotiate alone may be answered with a ticket in each request, which needs no connection of its own.
        basis: schemes.includes("ntlm") ? "state" : "observed-possible",
        status: 401,
      };
    });
  },
  say: ({ pair, shown, schemes }): Statement => ({
    summary: `Pool ${pair.pool.name} asks clients of ${askedWords(shown)} to sign in by ${schemes.map((scheme) => names[scheme]).join(" or ")} only, which signs in a connection, and the gateway shares its connections between clients`,
    subjects: [settingSubject(pair.setting), poolSubject(pair.pool)],
    evidence: [
      evidence(`${askedWords(shown)} is answered 401 with WWW-Authenticate: ${offered(shown)}`, shown.source),
      evidence("dedicatedBackendConnection is off", pair.setting.source.at("dedicatedBackendConnection")),
    ],
  }),
  fix: ({ gateway, pair: { setting } }): FixProposal => ({
    summary: `Let backend setting ${setting.name} give every client its own connections (dedicatedBackendConnection).`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "dedicatedBackendConnection",
        value: true,
      },
    ],
    sideEffects: ["Servers get many more connections, and clients cannot use HTTP/2."],
  }),
});

const names: Readonly<Record<string, string>> = {
  ntlm: "NTLM",
  negotiate: "Negotiate",
  kerberos: "Kerberos",
};

function bindsConnection(request: ReplayedRequest): boolean {
  if (request.status !== 401 || request.server.pair.setting.dedicatedBackendConnection) return false;
  const schemes = schemesOf(request);
  return schemes.length > 0 && schemes.every((scheme) => names[scheme] !== undefined);
}

/** Lower case; parameters of schemes stand behind a blank. */
function schemesOf(request: ReplayedRequest): string[] {
  return offered(request)
    .toLowerCase()
    .split(",")
    .map((part) => part.trim().replace(/\s.*$/s, ""))
    .filter((scheme) => scheme !== "");
}

function offered({ observation }: ReplayedRequest): string {
  const fields = observation.http?.headers ?? [];
  return fields
    .filter(({ name }) => name.toLowerCase() === "www-authenticate")
    .map(({ value }) => value)
    .join(", ");
}
