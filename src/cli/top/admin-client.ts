import { request } from "node:http";
import type { AdminPlace } from "../../gateway/admin/admin-server.ts";

/** No answer, or none that can be used: why, in words. */
export class NoAnswer extends Error {}

/** It is on this machine: what takes longer is stuck. */
const answerMs = 2_000;

/** Of the largest gateway it is a few MiB. */
const mostBytes = 64 * 1024 * 1024;

/** Asks the admin port, once; throws `NoAnswer`. */
export function askAdmin(
  place: AdminPlace,
  method: "GET" | "POST",
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const where = "socket" in place ? { socketPath: place.socket } : { host: place.host, port: place.port };
  return new Promise((resolve, reject) => {
    const sent = request({
      ...where,
      method,
      path,
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    const timer = setTimeout(
      () => sent.destroy(new NoAnswer(`no answer within ${answerMs / 1000} s`)),
      answerMs,
    );
    const failed = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      reject(error instanceof NoAnswer ? error : new NoAnswer(whyNot(error)));
    };
    sent.on("error", failed);
    sent.on("response", (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > mostBytes) sent.destroy(new NoAnswer("its answer does not end"));
      });
      response.on("error", failed);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") });
      });
    });
    sent.end();
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "it ended the connection",
  ENOENT: "there is no such socket",
  EACCES: "no permission",
  ENOTSOCK: "it is no socket",
};

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code?.startsWith("HPE_") === true) return "it does not speak HTTP";
  return (code === undefined ? undefined : reasons[code]) ?? code ?? message;
}
