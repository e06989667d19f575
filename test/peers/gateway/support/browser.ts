import { spawn } from "node:child_process";
import { once } from "node:events";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--disable-extensions",
  "--metrics-recording-only",
  // Names lead nowhere but where the test says; the certificate is one of this run.
  "--ignore-certificate-errors",
];

const killAfterMs = 5_000;

/** A real browser on one page, with a profile of its own in the folder; ended, by its own process id, with `await using`. */
export function browse(
  url: string,
  { folder, hosts }: { readonly folder: string; readonly hosts: string },
): AsyncDisposable & { readonly log: () => string } {
  const own = [`--user-data-dir=${folder}/profile`, `--host-resolver-rules=${hosts}, MAP * ~NOTFOUND`];
  const child = spawn("chromium", [...flags, ...own, url], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
  }
  child.on("error", (error) => {
    written += `chromium cannot be started: ${error.message}`;
  });
  return {
    log: () => written,
    async [Symbol.asyncDispose]() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      await gone;
      clearTimeout(timer);
    },
  };
}
