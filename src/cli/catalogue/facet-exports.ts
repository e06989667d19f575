import { exportCommand } from "../../diagnosis/exports.ts";
import type { Facet } from "../../diagnosis/facets.ts";

/** What a check that reads a facet needs among the documents, by facet; for `explain` and the catalogue. */
export interface Export {
  readonly what: string;
  readonly command: string;
}

const gateway: Export = {
  what: "the gateway",
  command: "az network application-gateway show -g <group> -n <gateway> > gateway.json",
};
const networks: Export = {
  what: "virtual networks",
  command: exportCommand("microsoft.network/virtualnetworks"),
};
const groups: Export = {
  what: "network security groups",
  command: exportCommand("microsoft.network/networksecuritygroups"),
};
const tables: Export = { what: "route tables", command: exportCommand("microsoft.network/routetables") };
const interfaces: Export = {
  what: "network interfaces",
  command: exportCommand("microsoft.network/networkinterfaces"),
};
const zones: readonly Export[] = [
  { what: "private DNS zones", command: exportCommand("microsoft.network/privatednszones") },
  {
    what: "the virtual networks linked to each zone",
    command: exportCommand("microsoft.network/privatednszones/virtualnetworklinks"),
  },
  {
    what: "the records of each zone",
    command: exportCommand("microsoft.network/privatednszones/a"),
  },
];
const health: Export = {
  what: "backend health",
  command: "az network application-gateway show-backend-health -g <group> -n <gateway> > backend-health.json",
};
const accessLog: Export = {
  what: "the access log",
  command: "the ApplicationGatewayAccessLog blobs of the storage account, or the rows of AGWAccessLogs",
};
const machines: Export = {
  what: "virtual machines",
  command: exportCommand("microsoft.compute/virtualmachines"),
};
const liveExchanges: Export = {
  what: "what the servers answer, sent from the gateway's network",
  command: "causeway diagnose <documents> --live --record observations.ndjson",
};
const services: readonly Export[] = [
  { what: "App Services", command: exportCommand("microsoft.web/sites") },
  {
    what: "App Service access restrictions",
    command: "az webapp config access-restriction show -g <group> -n <app> > access-restriction.json",
  },
  { what: "API Management", command: exportCommand("microsoft.apimanagement/service") },
  { what: "Container Apps environments", command: exportCommand("microsoft.app/managedenvironments") },
];
const activity: Export = {
  what: "the activity log",
  command: "az monitor activity-log list --offset 30d > activity-log.json",
};

export const facetExports: Readonly<Record<Facet, readonly Export[]>> = {
  gateway: [gateway],
  gateways: [gateway],
  wiring: [gateway],
  plans: [gateway],
  certificates: [gateway],
  reach: [networks, groups, tables, interfaces],
  names: [networks, ...zones],
  network: [networks],
  health: [health],
  traffic: [accessLog],
  live: [liveExchanges],
  hosts: [interfaces, machines],
  services,
  activities: [activity],
  clock: [],
  drainCuts: [],
};
