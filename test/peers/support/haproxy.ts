import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Finding } from "./ask.ts";
import { type Peer, startPeer } from "./peer.ts";
import type { Place } from "./places.ts";

/** haproxy in one process; the parts are its proxies. */
export function startHaproxy(parts: readonly string[], folder: string, readyAt: Place): Promise<Peer> {
  const config = `
global
  log stdout format raw daemon
  maxconn 200
  nbthread 1
  tune.ssl.default-dh-param 2048
defaults
  mode http
  log global
  option httplog
  timeout connect 1s
  timeout client 30s
  timeout server 30s
${parts.join("\n")}
`;
  const path = join(folder, "haproxy.cfg");
  writeFileSync(path, config);
  return startPeer({ program: "haproxy", args: ["-db", "-f", path], folder, readyAt });
}

/** Answers by itself. */
export const ready = "http-request return status 200 content-type text/plain string ready";

/** `tcp-request connection reject`: the reset may come before this system has told that it is connected. */
export const rejected = (kind: string): Finding => ({
  outcome: "unhealthy",
  kind: expect.stringMatching(`^(?:${kind}|tcp-reset)$`),
  tcp: expect.stringMatching(/^(?:connected|reset)$/),
});

/** A frontend of its own name; the options follow the address of `bind`. */
export function frontend({ text, port }: Place, lines: string, options = ""): string {
  return `frontend f${port}\n  bind ${text} ${options}\n${indented(lines)}\n`;
}

export function backend(name: string, lines: string): string {
  return `backend ${name}\n${indented(lines)}\n`;
}

const indented = (lines: string): string =>
  lines
    .split("\n")
    .map((line) => `  ${line.trim()}`)
    .join("\n");
