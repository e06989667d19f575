/** A route of the example that fails, and a request that shows it. */
export interface Fault {
  readonly route: string;
  readonly path: string;
  /** What clients get. */
  readonly status: number;
}

/** In the order in which the report tells of them. */
export const faults: readonly Fault[] = [
  { route: "orders", path: "/orders/7", status: 502 },
  { route: "account", path: "/account/me", status: 502 },
  { route: "catalog", path: "/catalog/3", status: 502 },
  { route: "cart", path: "/cart/1", status: 502 },
  { route: "search", path: "/search/tea", status: 502 },
  { route: "reports", path: "/reports/monthly", status: 504 },
];

/** The host name of the shop's listener. */
export const shop = "shop.contoso.example";
