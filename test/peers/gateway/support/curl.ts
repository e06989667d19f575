import { spawn } from "node:child_process";

/** What one call of curl came to. */
export interface Curled {
  readonly code: number | null;
  readonly body: Buffer;
  /** What it told of itself; with `-v` every line of heads. */
  readonly says: string;
  /** Of the last response. */
  readonly status: number;
  /** Names in lower case, each with its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Connections it made. */
  readonly connects: number;
}

const told = "\n@@@";
const always = ["-q", "-sS", "--max-time", "20", "--noproxy", "*"];
const report = ["-w", `%{stderr}${told}{"info":%{json},"headers":%{header_json}}`];

/** Calls the real curl; `input` is its standard input. */
export async function curl(args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Curled> {
  const child = spawn("curl", [...always, ...report, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const [out, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (part: Buffer) => out.push(part));
  child.stderr.on("data", (part: Buffer) => errors.push(part));
  // It need not read what it is not asked for.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const text = Buffer.concat(errors).toString("utf8");
  const at = text.lastIndexOf(told);
  if (at < 0) throw new Error(`curl ${args.join(" ")} ended with ${code}: ${text}`);
  const { info, headers } = JSON.parse(text.slice(at + told.length));
  return {
    code,
    body: Buffer.concat(out),
    says: text.slice(0, at),
    status: info.http_code,
    headers,
    connects: info.num_connects,
  };
}
