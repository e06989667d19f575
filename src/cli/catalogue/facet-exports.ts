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
const networks: Export = { what: "virtual networks", command: "az network vnet list > vnets.json" };
const groups: Export = { what: "network security groups", command: "az network nsg list > nsgs.json" };
const tables: Export = { what: "route tables", command: "az network route-table list > route-tables.json" };
const interfaces: Export = { what: "network interfaces", command: "az network nic list > nics.json" };
const zones: readonly Export[] = [
  { what: "private DNS zones", command: "az network private-dns zone list > zones.json" },
  {
    what: "the virtual networks linked to each zone",
    command: "az network private-dns link vnet list -g <group> -z <zone> > zone-links.json",
  },
  {
    what: "the records of each zone",
    command: "az network private-dns record-set list -g <group> -z <zone> > zone-records.json",
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
const machines: Export = { what: "virtual machines", command: "az vm list --show-details > vms.json" };
const services: readonly Export[] = [
  { what: "App Services", command: "az webapp list > webapps.json" },
  {
    what: "App Service access restrictions",
    command: "az webapp config access-restriction show -g <group> -n <app> > access-restriction.json",
  },
  { what: "API Management", command: "az apim list > apim.json" },
  { what: "Container Apps environments", command: "az containerapp env list > container-apps.json" },
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
  hosts: [interfaces, machines],
  services,
  activities: [activity],
  clock: [],
};
