/** A dimension of the vendor's, as a label. */
type Label =
  | "backend_http_setting"
  | "backend_pool"
  | "backend_server"
  | "backend_settings_pool"
  | "http_status_group"
  | "listener"
  | "tls_protocol";

/** A metric of the vendor's (logs-and-metrics.md §8) that is measured here. */
export interface VendorMetric {
  /** As the vendor calls it. */
  readonly vendor: string;
  /** As it is called here, in the Prometheus format. */
  readonly name: string;
  readonly labels: readonly Label[];
  readonly kind: "counter" | "gauge" | "histogram";
  /** What is measured, as one clause. */
  readonly about: string;
}

const ofServer = ["listener", "backend_server", "backend_pool", "backend_http_setting"] as const;

/** Each is what a name of this table says, and no other is served. */
export const vendorMetrics = {
  total: {
    vendor: "TotalRequests",
    name: "azure_total_requests",
    labels: ["backend_settings_pool"],
    kind: "counter",
    about: "requests that took a route to a pool",
  },
  failed: {
    vendor: "FailedRequests",
    name: "azure_failed_requests",
    labels: ["backend_settings_pool"],
    kind: "counter",
    about:
      "those answered with 5xx, by whomever; v1: those that failed at a server, answers of servers left out",
  },
  statuses: {
    vendor: "ResponseStatus",
    name: "azure_response_status",
    labels: ["http_status_group"],
    kind: "counter",
    about: "what clients were answered",
  },
  serverStatuses: {
    vendor: "BackendResponseStatus",
    name: "azure_backend_response_status",
    labels: ["backend_server", "backend_pool", "backend_http_setting", "http_status_group"],
    kind: "counter",
    about: "what servers answered",
  },
  received: {
    vendor: "BytesReceived",
    name: "azure_bytes_received",
    labels: ["listener"],
    kind: "counter",
    about: "bytes from clients, counted when the exchange ends",
  },
  sent: {
    vendor: "BytesSent",
    name: "azure_bytes_sent",
    labels: ["listener"],
    kind: "counter",
    about: "bytes to clients, counted when the exchange ends; its rate is the vendor's Throughput",
  },
  tls: {
    vendor: "TlsProtocol",
    name: "azure_tls_protocol",
    labels: ["listener", "tls_protocol"],
    kind: "counter",
    about: "requests, and connections of layer 4, that came over TLS",
  },
  totalTime: {
    vendor: "ApplicationGatewayTotalTime",
    name: "azure_application_gateway_total_time",
    labels: ["listener"],
    kind: "histogram",
    about: "milliseconds from the first byte of a request to the last of its response",
  },
  connect: {
    vendor: "BackendConnectTime",
    name: "azure_backend_connect_time",
    labels: ofServer,
    kind: "histogram",
    about: "milliseconds until a fresh connection was there, TLS included",
  },
  firstByte: {
    vendor: "BackendFirstByteResponseTime",
    name: "azure_backend_first_byte_response_time",
    labels: ofServer,
    kind: "histogram",
    about:
      "milliseconds from the beginning of the attempt, connecting included, to the first byte of the server",
  },
  lastByte: {
    vendor: "BackendLastByteResponseTime",
    name: "azure_backend_last_byte_response_time",
    labels: ofServer,
    kind: "histogram",
    about: "milliseconds from the beginning of the attempt to its end, where the server answered",
  },
  lifetime: {
    vendor: "ConnectionLifetime",
    name: "azure_connection_lifetime",
    labels: ["listener"],
    kind: "histogram",
    about: "layer 4: milliseconds a client's connection lasted",
  },
  session: {
    vendor: "BackendSessionDuration",
    name: "azure_backend_session_duration",
    labels: ofServer,
    kind: "histogram",
    about: "layer 4: milliseconds a server's connection lasted",
  },
  connections: {
    vendor: "CurrentConnections",
    name: "azure_current_connections",
    labels: [],
    kind: "gauge",
    about: "connections of clients, handshakes and layer 4 among them",
  },
  newConnections: {
    vendor: "NewConnectionsPerSecond",
    name: "azure_new_connections",
    labels: [],
    kind: "counter",
    about: "connections of clients so far, refused ones among them; the vendor's metric is its rate",
  },
  webSockets: {
    vendor: "WebSocketActiveConnections",
    name: "azure_web_socket_active_connections",
    labels: [],
    kind: "gauge",
    about: "WebSockets that are open",
  },
  healthy: {
    vendor: "HealthyHostCount",
    name: "azure_healthy_host_count",
    labels: ["backend_settings_pool"],
    kind: "gauge",
    about: "servers that get new clients",
  },
  unhealthy: {
    vendor: "UnhealthyHostCount",
    name: "azure_unhealthy_host_count",
    labels: ["backend_settings_pool"],
    kind: "gauge",
    about: "the others, those that were taken out by hand among them",
  },
} as const satisfies Readonly<Record<string, VendorMetric>>;

/** The vendor's metrics that are not served, with the reason. */
export const vendorMetricsLeftOut: Readonly<Record<string, string>> = {
  ClientRtt:
    "Node.js does not tell the round-trip time of a connection (TCP_INFO), and nothing else stands for it",
  Throughput: "the rate of `azure_bytes_sent`",
  AvgRequestCountPerHealthyHost: "the rate of `azure_total_requests` by `azure_healthy_host_count`",
  WebsocketSpecificCloseStatusCode: "what goes through a WebSocket is passed on unread",
  "CapacityUnits, ComputeUnits, EstimatedBilledCapacityUnits, FixedBillableCapacityUnits":
    "what the vendor bills by",
  "CpuUtilization (v1)": "of the vendor's machines; the system tells that of this process",
  "MatchedCount, BlockedCount, Azwaf…": "there is no web application firewall",
};
