import { type Decision, defineCause } from "../../cause.ts";
import { requestCauses } from "../families.ts";
import { fixSlow, type SlowRequests, saySlow, slowRequests, timeoutFacets } from "./request-timeout.ts";
import { fixSlowLive, longerTrials, type SlowLive, saySlowLive, slowLive } from "./slow-live.ts";

export default defineCause({
  id: "timeout-v2",
  title: "Backend slower than the request time-out (v2: 504)",
  layer: "timeout",
  decidedBy: ["log", "live"],
  reads: timeoutFacets,
  explainedBy: [...requestCauses, "timeout-public-cap", "timeout-network"],
  about: `A server takes longer for some requests than the \`requestTimeout\` of the backend setting (20 s unless set). A v2
gateway asks a second server of the pool once more and then answers 504; the access log has \`UPSTREAM_TIMED_OUT\`, no
status of the server, and a latency that is always the limit, or twice it. Probes ask for something quick, so health
stays good, and only the slow paths fail. Live, the request is sent again and waited for longer, up to two minutes: the
answer shows how long the setting has to wait.`,
  find: (facets): Decision<SlowRequests | SlowLive>[] =>
    facets.gateway.generation === "v2"
      ? [...slowRequests(facets, { reading: "timeout-v2", status: 504 }), ...slowLive(facets, 504)]
      : [],
  trials: ({ gateway, live }, failing) => (gateway.generation === "v2" ? longerTrials(live, failing) : []),
  say: (slow) => (slow.by === "log" ? saySlow(slow) : saySlowLive(slow)),
  fix: (slow) => (slow.by === "log" ? fixSlow(slow) : fixSlowLive(slow)),
});
