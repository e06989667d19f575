import { defineLiveCause } from "../../cause.ts";
import { wrongServerCauses } from "../families.ts";

export default defineLiveCause({
  id: "http2-grpc-only",
  title: "Backend speaks HTTP/2 or gRPC only",
  layer: "http",
  explainedBy: wrongServerCauses,
  about: `The gateway always speaks HTTP/1.1 to servers, even where clients use HTTP/2 with it. A server that knows only HTTP/2,
as gRPC servers do, closes the connection or answers with bytes that are no HTTP/1.1 response, for probes and requests alike.
\`curl --http1.1\` against the server shows it. Offer an HTTP/1.1 endpoint, or put another kind of proxy in front.`,
});
