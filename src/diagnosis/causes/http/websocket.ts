import { defineLiveCause } from "../../cause.ts";

export default defineLiveCause({
  id: "websocket",
  title: "WebSocket upgrade fails or is cut",
  layer: "http",
  explainedBy: [],
  about: `The gateway passes WebSocket upgrades on without being told to, but its request time-out also ends sessions in which the
server is silent for that long, and a server or a proxy behind it may refuse the upgrade. Ordinary requests and probes,
which are never upgraded, are fine. Exported documents do not show upgrades: try one with and without the gateway; send
pings, or raise the time-out.`,
});
