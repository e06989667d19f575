import { describe, expect, test } from "vitest";
import { unprobed } from "../../../src/gateway/health/health-board.ts";
import { initialState } from "../../../src/health/server-state.ts";
import { attempt, gatewayWith, running, Scene } from "./scene.ts";

const three = ["10.0.1.4", "10.0.1.5", "10.0.1.6"];
const [a = "", b = "", c = ""] = three;

function upScene(members: readonly string[] = three, wish = {}): Scene {
  const scene = new Scene(gatewayWith(members, wish));
  for (const address of members) scene.set(address, true);
  return scene;
}

const one = running();

const sticky = { setting: { cookieBasedAffinity: "Enabled" } };

describe("in turn", () => {
  test("every healthy server gets its share, in the order of the pool", () => {
    expect(upScene().turns(7)).toEqual([a, b, c, a, b, c, a]);
  });

  test("a server that went down is left out at once, and comes back", () => {
    const scene = upScene();
    scene.set(b, false);
    expect(scene.turns(4)).toEqual([a, c, a, c]);
    scene.set(b, true);
    expect(new Set(scene.turns(3))).toEqual(new Set(three));
  });

  test("a request that is tried again goes to a server whose last attempt went well, as long as there is one", () => {
    const scene = upScene();
    const failed = attempt({ kind: "response-reset", nothingSent: false });
    scene.balancer.ended(scene.server(b), one, failed);
    const tried = [scene.server(a)];
    expect(new Set(scene.turns(4, { tried }))).toEqual(new Set([c]));
    scene.balancer.ended(scene.server(c), one, failed);
    expect(new Set(scene.turns(4, { tried }))).toEqual(new Set([b, c]));
  });

  test("servers that were tried are not chosen again, until there is none left", () => {
    const scene = upScene();
    const tried = [scene.server(a)];
    expect(new Set(scene.turns(4, { tried }))).toEqual(new Set([b, c]));
    expect(scene.choose({ tried: three.map((one) => scene.server(one)) })).toMatchObject({
      server: undefined,
      why: "all-tried",
    });
  });

  test("servers start down: nothing is sent before the first success", () => {
    const scene = new Scene(gatewayWith(three));
    expect(scene.choose()).toMatchObject({ server: undefined, why: "none-healthy" });
  });

  test("minServers keeps so many in service whatever the probes say, the first of the pool", () => {
    const probe = { name: "p", protocol: "Http", host: "a.contoso.com", path: "/", interval: 5, timeout: 5 };
    const id =
      "/subscriptions/s1/resourceGroups/rg-route/providers/Microsoft.Network/applicationGateways/agw-route";
    const scene = new Scene(
      gatewayWith(three, {
        setting: { probe: { id: `${id}/probes/p` } },
        more: { probes: [{ id: `${id}/probes/p`, ...probe, unhealthyThreshold: 3, minServers: 2 }] },
      }),
    );
    for (const address of three) scene.set(address, false);
    expect(new Set(scene.turns(4))).toEqual(new Set([a, b]));
    scene.set(c, true);
    expect(new Set(scene.turns(4))).toEqual(new Set([a, c]));
  });
});

describe("why there is none", () => {
  test("an empty pool", () => {
    expect(new Scene(gatewayWith([])).choose()).toEqual({
      server: undefined,
      why: "pool-empty",
      cause: "pool-empty",
    });
  });

  test("what keeps most of the servers from being healthy", () => {
    const scene = new Scene(gatewayWith(three));
    scene.set(a, false, "tls-expired");
    scene.set(b, false, "tcp-refused");
    scene.set(c, false, "tcp-refused");
    expect(scene.choose()).toEqual({ server: undefined, why: "none-healthy", cause: "tcp-refused" });
    expect(scene.balancer.causeOfUnhealthy(scene.pair)).toBe("tcp-refused");
    expect(scene.balancer.view().map(({ says }) => says)).toEqual(three.map((one) => `${one} says so`));
  });

  test("before the first probe came back", () => {
    const scene = new Scene(gatewayWith([a]));
    const key = scene.targets.keyOf(scene.server(a)) ?? "";
    const state = { up: false, failuresInRow: 0, last: undefined, changes: [], nextProbeAtMs: 0 };
    scene.board.set(unprobed(key, state));
    expect(scene.choose()).toMatchObject({ why: "none-healthy", cause: "probe-first-success-pending" });
  });

  test("a first probe that came back without telling is pending no more", () => {
    const scene = new Scene(gatewayWith([a]));
    const key = scene.targets.keyOf(scene.server(a)) ?? "";
    const last = { outcome: "undecided", kind: "name-unanswered", says: "no answer", atMs: 5 } as const;
    const state = { ...initialState(0, 0), last };
    scene.board.set({ ...unprobed(key, state), cause: "dns-server-unreachable" });
    expect(scene.choose()).toMatchObject({ why: "none-healthy", cause: "dns-server-unreachable" });
  });

  test("all taken out by hand: no cause is blamed", () => {
    const scene = upScene([a]);
    expect(scene.balancer.setAdmin("app~app", a, "disabled")).toBe(true);
    expect(scene.choose()).toEqual({ server: undefined, why: "taken-out", cause: undefined });
    expect(scene.balancer.setAdmin("app~app", "10.9.9.9", "disabled")).toBe(false);
    expect(scene.balancer.setAdmin("app~none", a, "disabled")).toBe(false);
  });
});

describe("affinity", () => {
  test("the first answer sets the cookie and its twin, and the client stays", () => {
    const scene = upScene(three, sticky);
    const first = scene.choose();
    if (first.server === undefined) throw new Error("no server");
    const [cookie = "", twin = ""] = first.setCookies;
    expect(cookie).toMatch(/^ApplicationGatewayAffinity=[0-9a-f]{32}; Path=\/$/);
    expect(twin).toMatch(/^ApplicationGatewayAffinityCORS=[0-9a-f]{32}; Path=\/; SameSite=None; Secure$/);
    for (const field of [cookie, twin]) {
      const cookies = `a=b; ${field.split(";")[0]}; x=y`;
      for (let i = 0; i < 4; i++) {
        expect(scene.choose({ cookies })).toEqual({ server: first.server, setCookies: [] });
      }
    }
  });

  test("the value is the same after a reload, and does not show the address", () => {
    const value = (scene: Scene) => {
      const choice = scene.choose();
      return choice.server === undefined ? undefined : choice.setCookies;
    };
    expect(value(upScene([a], sticky))).toEqual(value(upScene([a], sticky)));
    expect(value(upScene([a], sticky))?.join()).not.toContain(a);
  });

  test("without affinity no cookie is set or heeded", () => {
    const cookie = stickyCookie(upScene(three, sticky), a);
    expect(new Set(upScene().turns(3, { cookies: cookie }))).toEqual(new Set(three));
  });

  test("an unhealthy or tried server's client gets another one, and its cookie", () => {
    const scene = upScene(three, sticky);
    const cookies = stickyCookie(scene, b);
    const tried = [scene.server(b)];
    expect(scene.choose({ cookies, tried }).server?.address).not.toBe(b);
    scene.set(b, false);
    const other = scene.choose({ cookies });
    expect(other.server?.address).not.toBe(b);
    expect(other).toHaveProperty("setCookies.length", 2);
  });

  test.each([
    ["a name that ends alike", "XApplicationGatewayAffinity="],
    ["a value that holds it", "q=ApplicationGatewayAffinity="],
  ])("%s is another cookie", (_, prefix) => {
    const scene = upScene(three, sticky);
    const value = stickyCookie(scene, c).split("=")[1];
    expect(new Set(scene.turns(3, { cookies: `${prefix}${value}` }))).toEqual(new Set(three));
  });
});

/** The cookie that a client of this server has. */
function stickyCookie(scene: Scene, address: string): string {
  for (let i = 0; i < 10; i++) {
    const choice = scene.choose();
    if (choice.server !== undefined && choice.server.address === address)
      return choice.setCookies[0]?.split(";")[0] ?? "";
  }
  throw new Error("its turn never came");
}

describe("draining", () => {
  test("by hand: no new clients, known ones until the drain time is over", () => {
    const scene = upScene(three, sticky);
    const cookies = stickyCookie(scene, b);
    scene.balancer.setAdmin("app~app", b, "draining");
    expect(scene.turns(6)).not.toContain(b);
    expect(scene.choose({ cookies }).server?.address).toBe(b);
    scene.nowMs += 30_001;
    expect(scene.choose({ cookies }).server?.address).not.toBe(b);
    scene.balancer.setAdmin("app~app", b, "enabled");
    expect(scene.turns(6)).toContain(b);
  });

  test("a server that left the pool keeps its clients for drainTimeoutInSec", () => {
    const setting = {
      cookieBasedAffinity: "Enabled",
      connectionDraining: { enabled: true, drainTimeoutInSec: 90 },
    };
    const before = upScene(three, { setting });
    const cookies = stickyCookie(before, b);
    const leaving = before.server(b);
    const scene = new Scene(gatewayWith([a, c], { setting }), before);
    expect(scene.turns(4)).not.toContain(b);
    expect(scene.choose({ cookies }).server).toBe(leaving);
    expect(scene.balancer.view().at(-1)).toMatchObject({ removed: true, server: leaving });
    const again = new Scene(gatewayWith([c], { setting }), scene);
    expect(again.choose({ cookies }).server).toBe(leaving);
    again.nowMs += 90_001;
    expect(again.choose({ cookies }).server?.address).toBe(c);
    expect(again.balancer.view().map(({ server }) => server.address)).toEqual([c]);
  });

  test("health, and what the operator wanted, live through a reload", () => {
    const before = upScene();
    before.balancer.setAdmin("app~app", a, "disabled");
    const scene = new Scene(gatewayWith([...three, "10.0.1.7"]), before);
    expect(new Set(scene.turns(6))).toEqual(new Set([b, c]));
  });

  test("another probe begins from nothing", () => {
    const before = upScene([a]);
    const scene = new Scene(gatewayWith([a], { setting: { port: 9090 } }), before);
    expect(scene.choose()).toMatchObject({ why: "none-healthy" });
  });
});

describe("what live requests tell", () => {
  const fail = (scene: Scene, address: string, times: number, failure = {}) => {
    for (let i = 0; i < times; i++) {
      scene.balancer.began(scene.server(address), one);
      scene.balancer.ended(scene.server(address), one, attempt(failure));
    }
  };

  test("one failure puts a server aside for a while, as long as half of them are left", () => {
    const scene = upScene();
    fail(scene, b, 1);
    expect(scene.turns(6)).not.toContain(b);
    fail(scene, c, 2);
    expect(new Set(scene.turns(6))).toEqual(new Set(three));
    scene.nowMs += 5_001;
    fail(scene, a, 1);
    expect(new Set(scene.turns(6))).toEqual(new Set([b, c]));
  });

  test("that the gateway itself has no socket left tells nothing of a server", () => {
    const scene = upScene();
    fail(scene, b, 3, { kind: "connect-failed", detail: "EMFILE" });
    expect(scene.turns(6)).toContain(b);
  });

  test("three failures in a row put servers aside, however few are left, and though their probes go well", () => {
    const scene = upScene();
    fail(scene, a, 3);
    fail(scene, c, 3);
    expect(new Set(scene.turns(6))).toEqual(new Set([b]));
  });

  test("a server that fails again is put aside for longer", () => {
    const scene = upScene();
    fail(scene, b, 3);
    scene.set(b, true);
    expect(scene.turns(6)).not.toContain(b);
    scene.nowMs += 5_001;
    expect(scene.turns(3)).toContain(b);
    fail(scene, b, 1);
    scene.nowMs += 5_001;
    expect(scene.turns(3)).not.toContain(b);
    scene.nowMs += 5_000;
    expect(scene.turns(3)).toContain(b);
  });

  test("one success counts for all that was before", () => {
    const scene = upScene();
    fail(scene, b, 2);
    scene.balancer.began(scene.server(b), one);
    scene.balancer.ended(scene.server(b), one, attempt());
    expect(scene.turns(3)).toContain(b);
    fail(scene, b, 2);
    fail(scene, c, 1);
    expect(scene.turns(3)).toContain(b);
  });

  test.each([
    ["a client that went away", { kind: "aborted" }],
    ["an answer that is no HTTP", { kind: "response-invalid" }],
  ] as const)("%s says nothing of the server", (_, failure) => {
    const scene = upScene();
    fail(scene, b, 9, failure);
    expect(scene.turns(3)).toContain(b);
  });

  test("stale connections, however many, put a server aside for a while, and prove nothing", () => {
    const scene = upScene();
    const stale = { kind: "response-closed", nothingSent: false, stale: true } as const;
    fail(scene, b, 9, stale);
    expect(scene.turns(6)).not.toContain(b);
    fail(scene, c, 9, stale);
    expect(new Set(scene.turns(6))).toEqual(new Set(three));
    scene.nowMs += 5_001;
    fail(scene, a, 1, stale);
    expect(new Set(scene.turns(6))).toEqual(new Set([b, c]));
  });

  test("it never leaves a request without a server", () => {
    const scene = upScene();
    for (const address of three) fail(scene, address, 5);
    expect(new Set(scene.turns(6))).toEqual(new Set(three));
    fail(scene, b, 1, { kind: "response-timeout" });
    const tried = [scene.server(a), scene.server(c)];
    expect(scene.choose({ tried }).server?.address).toBe(b);
  });

  test("what is under way is counted", () => {
    const scene = upScene([a]);
    scene.balancer.began(scene.server(a), one);
    expect(scene.balancer.view()[0]).toMatchObject({ busy: 1 });
    scene.balancer.ended(scene.server(a), one, attempt());
    expect(scene.balancer.view()[0]).toMatchObject({ busy: 0, aside: false, inService: true });
  });
});
