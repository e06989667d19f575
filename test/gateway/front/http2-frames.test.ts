import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import type { Scene } from "../exchange/scene.ts";
import { answers, Backends } from "../exchange/scene.ts";
import { ok } from "../exchange/shop.ts";
import { afterPreface, type FrameCase, frameCases } from "./http2-cases.ts";
import { code, flag, frame, headers, packed, pseudo, RawClient, setting, type, uint32 } from "./http2-raw.ts";
import { Http2Client, http2Scene } from "./http2-scene.ts";

const member = "127.30.42.1";
/** The stream of a request with which nothing is wrong. */
const good = 2001;
/**
 * Node 22 answers faulty frames with GOAWAY or not at all, reads no more, tells nobody, and leaves it to us to end the
 * connection once it has been idle: what the RFC asks for is left to later ones.
 */
const isOld = Number.parseInt(process.versions.node, 10) <= 22;

async function outcomeOf({ sends, bare }: FrameCase, scene: Scene): Promise<RawClient> {
  const client = await RawClient.to(scene.port);
  client.send(...(bare === true ? [] : [afterPreface]), ...sends, headers(good, pseudo()));
  await client.until(() => client.answered(good));
  return client;
}

/** Whether the connection was ended, and for no other reason than one of these. */
function endedFor(client: RawClient, codes: readonly number[]): boolean {
  const said = client.goaway();
  return client.ended && (said === undefined || codes.includes(said));
}

describe.skipIf(isOld)("RFC 9113", () => {
  test.each(frameCases)("§$section: $what", async (one) => {
    const { becomes } = one;
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    using client = await outcomeOf(one, scene);
    if (typeof becomes === "object" && "connection" in becomes) {
      expect([client.goaway(), endedFor(client, becomes.connection)]).toEqual([client.goaway(), true]);
      expect((await scene.recorded(1)).at(-1)).toMatchObject({ ending: "PR", httpVersion: "HTTP/2.0" });
      return;
    }
    if (typeof becomes === "object" && client.goaway() !== undefined) {
      expect(endedFor(client, becomes.stream)).toBe(true);
      return;
    }
    expect(client.goaway()).toBeUndefined();
    expect(client.answered(good)).toBe(true);
    if (typeof becomes === "object") expect(becomes.stream).toContain(client.reset(1));
    if (typeof becomes !== "number") return;
    await client.until(() => client.answered(1));
    const statuses = (await scene.recorded(2)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([becomes, 200].toSorted());
  });

  test("§6.7: PING is answered with its own bytes", async () => {
    await using scene = await http2Scene({ port: 9 }, [member]);
    using client = await RawClient.to(scene.port);
    client.send(afterPreface, frame(type.ping, 0, 0, "abcdefgh"));
    await client.until(() => client.has(type.ping));
    const pong = client.frames.find((one) => one.type === type.ping);
    expect([pong?.flags, pong?.payload.toString("latin1")]).toEqual([flag.ack, "abcdefgh"]);
  });

  test("§6.9.2: a client without a window gets the body once it has one", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    using client = await RawClient.to(scene.port);
    client.send(afterPreface, frame(type.settings, 0, 0, setting(4, 0)), headers(1, pseudo()));
    await client.until(() => client.has(type.headers));
    client.send(frame(type.ping, 0, 0, "abcdefgh"));
    await client.until(() => client.has(type.ping));
    expect(client.has(type.data)).toBe(false);
    client.send(frame(type.windowUpdate, 0, 1, uint32(3)));
    await client.until(() => client.has(type.data));
    expect(client.answered(1)).toBe(false);
    client.send(frame(type.windowUpdate, 0, 1, uint32(1)));
    await client.until(() => client.answered(1));
    const data = client.frames.filter((one) => one.type === type.data);
    expect(Buffer.concat(data.map(({ payload }) => payload)).toString()).toBe("fine");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--" });
  });
});

describe("what clients may cost", () => {
  test.skipIf(isOld).each([
    ["has not yet been told so: others are refused", false, code.refused, undefined],
    ["knows: it is the end of the connection", true, undefined, code.protocol],
  ])("128 streams at once, for a client that %s", async (_what, knows, reset, goaway) => {
    await using scene = await http2Scene({ port: 9 }, [member]);
    using client = await RawClient.to(scene.port);
    client.send(afterPreface, ...(knows ? [frame(type.settings, flag.ack, 0)] : []));
    const post = pseudo({ ":method": "POST" });
    client.send(...Array.from({ length: 129 }, (_, index) => headers(1 + 2 * index, post, false)));
    await client.until(() => client.has(type.rstStream));
    expect(client.reset(257)).toBe(reset);
    if (goaway === undefined) expect(client.ended).toBe(false);
    else expect(endedFor(client, [goaway])).toBe(true);
    expect(client.reset(255)).toBeUndefined();
  });

  const ended: readonly [string, (at: number) => readonly Buffer[]][] = [
    ["PING", () => [frame(type.ping, 0, 0, "abcdefgh")]],
    ["SETTINGS", () => [frame(type.settings, 0, 0)]],
    [
      "requests that are reset (CVE-2023-44487)",
      (at) => [headers(1 + 2 * at, pseudo()), frame(type.rstStream, 0, 1 + 2 * at, uint32(8))],
    ],
    ["DATA without bytes", (at) => (at === 0 ? [headers(1, pseudo(), false)] : [frame(type.data, 0, 1)])],
    ["heads that are malformed", (at) => [headers(1 + 2 * at, [...pseudo(), ["Upper", "1"]])]],
  ];
  test.each(ended)(
    "a flood of %s ends the connection, and other clients are served",
    async (_what, flood) => {
      await using backends = await Backends.of({ [member]: answers(ok) });
      await using scene = await http2Scene(backends, [member]);
      using client = await RawClient.to(scene.port);
      client.send(afterPreface);
      for (let at = 0; at < 2_000 && !client.ended; at += 50) {
        client.send(...Array.from({ length: 50 }, (_, index) => flood(at + index)).flat());
        await new Promise(setImmediate);
      }
      await client.until(() => false);
      expect(client.ended).toBe(true);
      expect(scene.records.length).toBeLessThan(1_000);
      expect(backends.connections(member).length).toBeLessThan(300);
      await using other = new Http2Client(scene.port);
      expect(await other.ask()).toMatchObject({ status: 200 });
    },
  );

  test("a head that grows out of a few bytes by the table of HPACK is not unfolded", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    using client = await RawClient.to(scene.port);
    // A literal that is kept in the table (RFC 7541 §6.2.1), then its index, again and again.
    const value = "v".repeat(3_900);
    const kept = Buffer.concat([Buffer.of(0x40), packed([["x-large", value]]).subarray(1)]);
    const block = Buffer.concat([packed(pseudo()), kept, Buffer.alloc(8_000, 0x80 | 62)]);
    client.send(afterPreface, frame(type.headers, flag.endHeaders | flag.endStream, 1, block));
    client.send(headers(good, pseudo()));
    await client.until(() => client.answered(good));
    expect(client.answered(good) || client.ended).toBe(true);
    expect(client.reset(1) ?? client.goaway()).toBe(code.calm);
    expect(backends.connections(member).length).toBeLessThan(2);
  });

  test("nothing but the preface is waited for so long as for the head of a request", async () => {
    const means = { limitsOf: () => ({ ...limitsOf("v2"), clientMs: 200 }) };
    await using scene = await http2Scene({ port: 9 }, [member], { means });
    using client = await RawClient.to(scene.port);
    await client.until(() => client.has(type.goaway));
    expect(client.goaway()).toBe(code.none);
    await client.until(() => false);
    expect(scene.records).toEqual([]);
  });
});
