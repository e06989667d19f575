import { request } from "node:http";

/** What the admin port answers that a run has said it opened. */
export function askAdmin(
  stderr: string,
  path: string,
  method = "GET",
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const place = /the admin port is (\S+)/.exec(stderr)?.[1] ?? "";
  const where = place.startsWith("/")
    ? { socketPath: place }
    : { host: "127.0.0.1", port: place.split(":")[1] };
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path, method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    sent.on("error", reject).end();
  });
}
