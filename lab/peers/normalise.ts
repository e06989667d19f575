import type { Peer } from "./peers.ts";

/** What a proxy said of failed requests, without what differs between two runs: times, addresses, ports, ids. */
export function saidOf(name: Peer["name"], text: string): readonly string[] {
  const lines = text.split("\n").flatMap((line) => reading[name](line) ?? []);
  return [...new Set(lines.map(withoutNumbers))].sort();
}

const reading: Readonly<Record<Peer["name"], (line: string) => string | undefined>> = {
  nginx: (line) => {
    const error = /\[(?:error|crit|alert|emerg)\][^:]*: (?:\*\d+ )?(.*?), client: /.exec(line)?.[1];
    if (error !== undefined) return error;
    const [, status, asked] = /^(\d{3}) ([\d, -]*?)\|/.exec(line) ?? [];
    // How many servers were asked is no answer of its own.
    return asked === undefined
      ? undefined
      : `${status} of ${[...new Set(asked.split(", "))].sort().join(", ")}`;
  },
  haproxy: (line) => {
    const check =
      /Health check for server \S+ (failed|succeeded), (.*?)(?:, check duration| check duration|, status)/.exec(
        line,
      );
    if (check !== null) return check[1] === "failed" ? `check: ${check[2]}` : undefined;
    const request = / (\d{3}) -?\d+ \S+ \S+ ([A-Za-z-]{4}) /.exec(line);
    return request === null ? undefined : `${request[1]} ${request[2]}`;
  },
  caddy: (line) => {
    if (!line.startsWith("{")) return undefined;
    const { logger, msg, error, status_code } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof logger !== "string") return undefined;
    if (logger.startsWith("http.handlers.reverse_proxy.health_checker")) {
      const why = error === undefined ? (status_code ?? "") : String(error);
      return `check: ${String(msg)} ${why}`.trim();
    }
    if (logger.startsWith("http.log.error")) return String(msg);
    return undefined;
  },
};

function withoutNumbers(text: string): string {
  return (
    text
      .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "ADDRESS")
      .replaceAll(/[a-z0-9.-]+\.contoso\.example/g, "NAME")
      .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.Z+-]+/g, "TIME")
      .replaceAll(/(?:Get "[^"]*": )/g, "")
      // Which of several clocks ran out first.
      .replaceAll(/context deadline exceeded.*|net\/http: request canceled.*|i\/o timeout.*/g, "timeout")
      .replaceAll("dial tcp ADDRESS: timeout", "timeout")
      .replaceAll(/0x[0-9a-f]+|[0-9A-F]{12,}/g, "ID")
  );
}
