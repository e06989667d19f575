import { defineCause } from "../../cause.ts";
import { requestCauses } from "../families.ts";
import { fixSlow, saySlow, slowRequests, timeoutFacets } from "./request-timeout.ts";

export default defineCause({
  id: "timeout-v2",
  title: "Backend slower than the request time-out (v2: 504)",
  layer: "timeout",
  decidedBy: ["log"],
  reads: timeoutFacets,
  explainedBy: [...requestCauses, "timeout-public-cap", "timeout-network"],
  about: `A server takes longer for some requests than the \`requestTimeout\` of the backend setting (20 s unless set). A v2
gateway asks a second server of the pool once more and then answers 504; the access log has \`UPSTREAM_TIMED_OUT\`, no
status of the server, and a latency that is always the limit, or twice it. Probes ask for something quick, so health
stays good, and only the slow paths fail.`,
  find: (facets) =>
    facets.gateway.generation === "v2" ? slowRequests(facets, { reading: "timeout-v2", status: 504 }) : [],
  say: saySlow,
  fix: fixSlow,
});
