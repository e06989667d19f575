import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** Two applications, and requests for one that land at the other, which closes on what it does not know. */
interface MisroutedCase {
  readonly name: string;
  /** `listeners`: that of the site, for every name, comes first. `paths`: the site takes what /cart does not. */
  readonly wired: "listeners" | "paths";
  /** Whether the site answers a request; its probe it does. */
  readonly site: (request: RawRequest) => boolean;
  readonly asked: readonly string[];
  readonly roots: readonly string[];
  readonly contributing?: string;
  readonly evidence?: RegExp;
}

const shop = "http://shop.contoso.example";
const knowsPages = ({ path }: RawRequest): boolean => path === "/" || path.startsWith("/pages");
const knowsWww = ({ head }: RawRequest): boolean => /^host: www\./im.test(head);

const cases: readonly MisroutedCase[] = [
  {
    name: "a listener for every name comes first: listener-shadowed",
    wired: "listeners",
    site: knowsWww,
    asked: [`${shop}/`],
    roots: ["listener-shadowed"],
    contributing: "http-reset-midway",
    evidence: /a request was sent to/,
  },
  {
    name: "the site knows the name as well: nothing",
    wired: "listeners",
    site: () => true,
    asked: [`${shop}/`],
    roots: [],
  },
  {
    name: "only a name that nothing else takes fails: not listener-shadowed",
    wired: "listeners",
    site: () => false,
    asked: ["http://www.contoso.example/"],
    roots: ["http-reset-midway"],
  },
  {
    name: "a path beside the pattern fails where others are served: path-exact-trailing",
    wired: "paths",
    site: knowsPages,
    asked: [`${shop}/cart/`, `${shop}/pages/1`],
    roots: ["path-exact-trailing"],
    contributing: "http-reset-midway",
    evidence: /a request was sent to/,
  },
  {
    name: "nothing is served where it lands: not path-exact-trailing",
    wired: "paths",
    site: () => false,
    asked: [`${shop}/cart/`, `${shop}/pages/1`],
    roots: ["http-reset-midway"],
  },
  {
    name: "another path fails than those beside the pattern: not path-exact-trailing",
    wired: "paths",
    site: knowsPages,
    asked: [`${shop}/other`, `${shop}/pages/1`],
    roots: ["http-reset-midway"],
  },
];

describe("requests that land elsewhere than they were meant to", () => {
  test.each(cases)("$name", async ({ wired, site, asked, roots, contributing, evidence }) => {
    const closing: RawAnswer = { ends: "close" };
    await using other = await rawServer((request) =>
      request.path === "/health" || site(request) ? plain(200) : closing,
    );
    await using own = await rawServer(() => plain(200));
    const words = asked.flatMap((url) => ["--url", url]);
    const gateway = (wired === "listeners" ? byListeners : byPaths)(other, own);
    const told = await diagnoseLive({ "gateway.json": gateway }, words);
    expect(told.roots).toEqual(roots);
    if (contributing !== undefined) expect(told.finding(contributing).role).toBe("contributing");
    const says = roots.flatMap((root) => told.finding(root).evidence.map((one) => one.says));
    if (evidence !== undefined) expect(says.join("\n")).toMatch(evidence);
  });
});

interface Place {
  readonly address: string;
  readonly port: number;
}

function byListeners(site: Place, own: Place) {
  return gatewayOf([
    { name: "site", host: "*.contoso.example", servers: [site.address], port: site.port },
    { name: "shop", servers: [own.address], port: own.port },
  ]);
}

function byPaths(site: Place, own: Place) {
  const gateway = gatewayOf([
    { name: "shop", servers: [own.address], port: own.port, paths: ["/cart"] },
    { name: "site", servers: [site.address], port: site.port },
  ]);
  const [pool, setting] = ["backendAddressPools/pool", "backendHttpSettingsCollection/set"].map((one) => ({
    id: `${gateway.id}/${one}-site`,
  }));
  const defaults = { defaultBackendAddressPool: pool, defaultBackendHttpSettings: setting };
  const text = JSON.stringify(gateway, (key, value) =>
    key === "urlPathMaps" ? [{ ...value[0], ...defaults }] : value,
  );
  return JSON.parse(text);
}
