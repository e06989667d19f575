import { describe, expect, test } from "vitest";
import { attempt, gatewayWith, running, Scene } from "./scene.ts";

const [a, b] = ["10.0.1.4", "10.0.1.5"];

/** Servers of one pair, an attempt under way at `b`, and what it was told. */
function under(wish = {}) {
  const scene = new Scene(gatewayWith([a, b], wish));
  const told: number[] = [];
  const asked = running(() => void told.push(1));
  const server = scene.server(b);
  scene.balancer.began(server, asked);
  return { scene, told, asked, server };
}

const pass = (scene: Scene, ms: number): void => {
  scene.nowMs += ms;
  scene.wheel.turnTo(scene.nowMs);
};

const drained = (seconds: number) => ({
  setting: { connectionDraining: { enabled: true, drainTimeoutInSec: seconds } },
});

describe("what is under way with a server that left its pool", () => {
  test.each([
    ["30 s where draining is off", {}, 30],
    ["drainTimeoutInSec where it is on", drained(90), 90],
  ])("has %s, counted from when it left", (_, wish, seconds) => {
    const { scene, told } = under(wish);
    pass(scene, 500_000);
    const next = new Scene(gatewayWith([a], wish), scene);
    pass(next, seconds * 1000 - 1);
    expect(told).toEqual([]);
    pass(next, 1);
    expect(told).toEqual([1]);
  });

  test("is told nothing once it has ended", () => {
    const { scene, told, asked, server } = under();
    const next = new Scene(gatewayWith([a]), scene);
    expect(next.balancer.view().at(-1)).toMatchObject({ removed: true, busy: 1 });
    scene.balancer.ended(server, asked, attempt());
    expect(next.balancer.view().at(-1)).toMatchObject({ removed: true, busy: 0 });
    pass(next, 30_000);
    expect(told).toEqual([]);
    expect(next.balancer.view()).toHaveLength(1);
  });

  test("goes on where the server, or everything but it, was left as it was", () => {
    const { scene, told } = under();
    const same = new Scene(gatewayWith([b, "10.0.1.9"]), scene);
    pass(same, 3_600_000);
    expect(told).toEqual([]);
    expect(same.balancer.view()[0]).toMatchObject({ busy: 1 });
  });

  test("is ended whatever configuration it began with", () => {
    const { scene, told } = under();
    const same = new Scene(gatewayWith([a, b]), scene);
    const gone = new Scene(gatewayWith([a]), same);
    pass(gone, 30_000);
    expect(told).toEqual([1]);
  });

  test("has no more time because of another reload", () => {
    const { scene, told } = under();
    const gone = new Scene(gatewayWith([a]), scene);
    pass(gone, 20_000);
    const again = new Scene(gatewayWith([a, "10.0.1.9"]), gone);
    pass(again, 10_000);
    expect(told).toEqual([1]);
  });

  test("goes on when the server is back before its time is over, and has the whole time when it leaves once more", () => {
    const { scene, told } = under();
    const gone = new Scene(gatewayWith([a]), scene);
    pass(gone, 20_000);
    const back = new Scene(gatewayWith([a, b]), gone);
    expect(back.balancer.view()[1]).toMatchObject({ busy: 1 });
    pass(back, 3_600_000);
    expect(told).toEqual([]);
    const left = new Scene(gatewayWith([a]), back);
    pass(left, 29_999);
    expect(told).toEqual([]);
    pass(left, 1);
    expect(told).toEqual([1]);
  });

  test("is ended as well where no rule leads to the pair any more", () => {
    const { scene, told } = under();
    const elsewhere = { listeners: [{ name: "shop", to: "other" as const }] };
    const gone = new Scene(gatewayWith([a, b], elsewhere), scene);
    pass(gone, 30_000);
    expect(told).toEqual([1]);
  });

  test("begins to end at once when it comes after the drain time, from a request that had waited", async () => {
    const { scene, told, server } = under();
    const gone = new Scene(gatewayWith([a]), scene);
    pass(gone, 30_000);
    expect(told).toEqual([1]);
    await new Promise<void>((late) => scene.balancer.began(server, running(late)));
  });

  test("goes on when the operator takes the server out by hand", () => {
    const { scene, told } = under();
    scene.balancer.setAdmin("app~app", b, "draining");
    pass(scene, 3_600_000);
    expect(told).toEqual([]);
  });

  test("leaves no timer behind at the end", () => {
    const { scene } = under();
    const gone = new Scene(gatewayWith([a]), scene);
    scene.balancer.close();
    expect(gone.wheel.size).toBe(1);
    gone.balancer.close();
    expect(gone.wheel.size).toBe(0);
  });
});
