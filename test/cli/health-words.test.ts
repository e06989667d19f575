import { expect, test } from "vitest";
import { HealthWords } from "../../src/cli/health-words.ts";
import { unprobed } from "../../src/gateway/health/health-board.ts";
import { initialState } from "../../src/health/server-state.ts";
import { gatewayWith, Scene } from "../gateway/balance/scene.ts";

/** The servers of a pool, each probed, with what is said of them. */
function sceneOf(addresses: readonly string[]) {
  const scene = new Scene(gatewayWith(addresses));
  const lines: string[] = [];
  const clock = { nowMs: 1_000 };
  const write = async (text: string): Promise<void> => void lines.push(text);
  const stderr = { isTerminal: false, columns: undefined, write };
  const { board, balancer } = scene;
  const words = new HealthWords(
    { board, members: () => balancer.view() },
    { now: () => clock.nowMs, stderr },
  );
  return { scene, words, lines, clock };
}

const [a, b] = ["10.0.1.4", "10.0.1.5"];

test("those that are down at the start, with the reason", async () => {
  const { scene, words, lines } = sceneOf([a, b]);
  scene.set(a, true);
  scene.set(b, false, "tcp-refused");
  await words.sayDown();
  expect(lines).toEqual([`causeway: ${b} of app~app is down: ${b} says so\n`]);
});

test("of very many, ten and how many more", async () => {
  const { words, lines } = sceneOf(Array.from({ length: 12 }, (_, n) => `10.0.2.${n + 1}`));
  await words.sayDown();
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe("causeway: 2 more are down; /health on the admin port has them all\n");
});

test("each time a server goes down or up, and not each probe; nothing once it is ended", () => {
  const { scene, words, lines } = sceneOf([a]);
  scene.set(a, true);
  const end = words.follow();
  scene.set(a, true);
  scene.set(a, false, "tcp-refused");
  scene.set(a, false, "tcp-refused");
  scene.set(a, true);
  expect(lines).toEqual([
    `causeway: ${a} of app~app is down: ${a} says so\n`,
    `causeway: ${a} of app~app is up: ${a} says so\n`,
  ]);
  end();
  scene.set(a, false, "tcp-refused");
  expect(lines).toHaveLength(2);
});

test("a first probe that came late and found the server down", () => {
  const { scene, words, lines } = sceneOf([a]);
  scene.board.set(unprobed(scene.targets.keyOf(scene.server(a)) ?? "", initialState(0, 0)));
  words.follow();
  scene.set(a, false, "tcp-refused");
  expect(lines).toEqual([`causeway: ${a} of app~app is down: ${a} says so\n`]);
});

test("a server that flaps fills nobody's disk", () => {
  const { scene, words, lines, clock } = sceneOf([a]);
  words.follow();
  for (let turn = 0; turn < 50; turn++) scene.set(a, turn % 2 === 0);
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toMatch(/more servers go up and down than are told of/);
  clock.nowMs += 10_000;
  scene.set(a, true);
  expect(lines).toHaveLength(12);
});
