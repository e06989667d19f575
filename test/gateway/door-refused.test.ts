import { expect, test } from "vitest";
import type { Door } from "../../src/gateway/config/prepared.ts";
import { DoorRefused } from "../../src/gateway/server.ts";

const door = (frontendPort: number, port: number): Door => ({
  key: `public:${frontendPort}`,
  host: "127.0.0.1",
  port,
  frontendPort,
  frontend: undefined,
  protocol: "http",
  listeners: [] as unknown as Door["listeners"],
  tls: undefined,
  http2: false,
});

const refused = (at: Door, code: string): string =>
  new DoorRefused(at, Object.assign(new Error(code), { code })).message;

test.each([
  ["a port for privileged users", door(443, 443), "EACCES", "such as --listen 443=8443"],
  ["one that was mapped to such", door(8443, 443), "EACCES", "such as --listen 8443=8443"],
])("%s: the way out is said", (_name, at, code, says) => {
  expect(refused(at, code)).toContain(`cannot listen on 127.0.0.1:443: no permission (${code}); `);
  expect(refused(at, code)).toContain(says);
});

test.each([
  ["a port that is taken", door(80, 80), "EADDRINUSE", "another program listens there (EADDRINUSE)"],
  ["no permission for another reason", door(8080, 8080), "EACCES", "no permission (EACCES)"],
])("%s: no other is proposed", (_name, at, code, says) => {
  expect(refused(at, code)).toMatch(new RegExp(`: ${says.replace(/[()]/g, "\\$&")}$`));
});
