import type { Answer, HttpOptions } from "../hosts/behaviours/http.ts";
import type { RawAnswer } from "../hosts/behaviours/raw.ts";
import type { ClientRequest } from "../machine/client.ts";
import { type BaseWish, baseWorld, httpProgram, names, type ServerPlace } from "../world/base.ts";
import type { Draft } from "../world/draft.ts";
import type { Program } from "../world/world.ts";
import type { Expectation, Scenario } from "./scenario.ts";

/** What a server runs, where it stands. */
export type Programs = (server: ServerPlace) => Program | readonly Program[];

/** Node servers that answer so. */
export function answering(...answers: readonly Answer[]): Programs {
  return serving({ answers });
}

export function serving(options: HttpOptions): Programs {
  return ({ port, tls }) => httpProgram(port, tls, options);
}

/** Node servers that write these bytes; whatever else they are asked for, probes too, is well. */
export function writing(...answers: readonly RawAnswer[]): Programs {
  const others: RawAnswer = { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", after: "keep" };
  return ({ port, tls }) => ({
    ...{ kind: "node", behaviour: "raw", options: { answers: [...answers, others] }, port },
    ...(tls === undefined ? {} : { tls }),
  });
}

/** A server of its own behind nginx or haproxy; it runs on the same machine. */
const innerPort = 9000;

const within = (server: ServerPlace, program: Programs | undefined): readonly Program[] =>
  program === undefined ? [] : [program({ ...server, port: innerPort, tls: undefined })].flat();

/** nginx that answers probes itself and passes the rest on; without a program there is nobody to pass it on to. */
export function behindNginx(directives: string, program?: Programs): Programs {
  return (server) => [
    {
      kind: "nginx",
      config: `server { listen ${server.port}; location = /health { return 200 "ok"; } location / { ${directives} proxy_pass http://127.0.0.1:${innerPort}; } }`,
      ports: [server.port],
    },
    ...within(server, program),
  ];
}

/** The same with haproxy. */
export function behindHaproxy(directives: string, program?: Programs): Programs {
  return (server) => [
    {
      kind: "haproxy",
      config: [
        "frontend web",
        `  bind *:${server.port}`,
        "  http-request return status 200 content-type text/plain string ok if { path /health }",
        "  default_backend app",
        "backend app",
        `  ${directives}`,
        `  server one 127.0.0.1:${innerPort}`,
      ].join("\n"),
      ports: [server.port],
    },
    ...within(server, program),
  ];
}

/** As many requests as a log has to have of one kind before anything is made of it. */
export const often = 6;

export const at = (path: string): string => `http://${names.host}${path}`;

export function asked(path: string, more: Partial<ClientRequest> = {}): readonly ClientRequest[] {
  return [{ url: at(path), times: often, ...more }];
}

export interface ProgramFault
  extends Pick<
    Scenario,
    | "variant"
    | "about"
    | "requests"
    | "fails"
    | "disturb"
    | "liveOptions"
    | "noPeers"
    | "unsteady"
    | "withhold"
  > {
  readonly wish?: BaseWish;
  readonly program: Programs;
  /** None: it is a twin of one. */
  readonly cause?: Expectation;
  /** What runs once somebody did as the fix says; default: the program of the healthy worlds. */
  readonly sound?: Programs;
}

/** Scenarios whose fault is in what the servers run: the person who follows the fix puts something sound in its place. */
export function programFault({
  wish = {},
  program,
  cause,
  sound,
  ...rest
}: ProgramFault): Omit<Scenario, "family"> {
  const common = { ...rest, world: () => baseWorld({ ...wish, program }) };
  if (cause === undefined) return { ...common, expects: [] };
  const causes = [cause.cause, ...(cause.equals ?? []).map((equal) => equal.cause)];
  const edit = (draft: Draft): void => {
    const healed = baseWorld({ ...wish, ...(sound === undefined ? {} : { program: sound }) });
    for (const { name, programs } of healed.hosts) draft.host(name, { programs });
  };
  const servers = addressesOf(wish);
  return { ...common, expects: [cause], operator: causes.map((one) => ({ cause: one, servers, edit })) };
}

/** Of the base worlds' servers, as reports name them. */
function addressesOf({ place = "same", members = "ip", servers = 2 }: BaseWish): readonly string[] {
  const prefix = { same: "10.10.2", peered: "10.20.1", "on-premises": "10.30.1" }[place];
  return Array.from({ length: servers }, (_, index) =>
    members === "fqdn" ? `app-${index + 1}.internal.contoso.example` : `${prefix}.${4 + index}`,
  );
}
