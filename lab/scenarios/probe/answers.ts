import { gzipSync } from "node:zlib";
import { baseWorld } from "../../world/base.ts";
import type { Scenario } from "../scenario.ts";
import { apache, nginx, node, shop } from "./programs.ts";

const login = "Basic b3BzOmxhYg==";
const signedIn = [{ url: `http://${shop}/`, headers: { authorization: login }, times: 2 }];
/** `ops`, `lab` */
const users = "ops:{PLAIN}lab\n";
const askLogin = "auth_basic shop; auth_basic_user_file $DIR/users;";

const plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/** An answer, as its bytes in Latin-1. */
function compressed(text: string): string {
  const body = gzipSync(text).toString("latin1");
  return `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** What the application answers to the probe, and what the probe makes of it. */
export const answerScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "auth-basic-nginx",
    about: "The whole site wants a login, also where the probe asks.",
    world: () =>
      baseWorld({
        program: nginx(`location / { ${askLogin} root $DIR; try_files /page =404; }`, { users, page: "ok" }),
      }),
    requests: signedIn,
    expects: [{ cause: "probe-auth" }],
  },
  {
    variant: "auth-anonymous-page-https",
    about: "The probe asks for a page that wants a login; /healthz does not.",
    world: () =>
      baseWorld({
        ...{ protocol: "Https", probe: { path: "/account" } },
        program: node({
          answers: [{ path: "/healthz" }, { header: "authorization" }],
          otherwise: { status: 401, headers: { "www-authenticate": "Bearer" } },
        }),
      }),
    requests: signedIn,
    expects: [{ cause: "probe-auth" }],
  },
  {
    variant: "auth-403-v1-apache",
    about: "Apache on v1 forbids the path of the probe to whoever has not signed in.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", probe: { path: "/admin/health" } },
        program: apache(
          `ServerName ${shop}\nRewriteEngine on\nRewriteCond %{HTTP:Authorization} ^$\nRewriteRule ^/admin - [F,L]\nRewriteRule .* $DIR/page.html`,
        ),
      }),
    expects: [{ cause: "probe-auth" }],
  },
  {
    variant: "auth-twin-401-accepted",
    about: "The whole site wants a login, and the probe takes 401.",
    world: () =>
      baseWorld({
        probe: { match: { statusCodes: ["200-399", "401"] } },
        program: nginx(`location / { ${askLogin} root $DIR; try_files /page =404; }`, { users, page: "ok" }),
      }),
    requests: signedIn,
    expects: [],
  },
  {
    variant: "narrow-match-302-nginx",
    about: "The probe takes 200 alone, and the application redirects to its sign-in page.",
    world: () =>
      baseWorld({
        probe: { path: "/", match: { statusCodes: ["200"] } },
        program: nginx('location = / { return 302 /signin; } location / { return 200 "ok"; }'),
      }),
    expects: [{ cause: "probe-narrow-match" }],
  },
  {
    variant: "narrow-match-204-v1",
    about: "The health page of a v1 gateway's servers answers 204, and the probe takes 200 alone.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "nic", probe: { match: { statusCodes: ["200"] } } },
        program: node({ answers: [{ path: "/health", status: 204 }] }),
      }),
    expects: [{ cause: "probe-narrow-match" }],
  },
  {
    variant: "narrow-match-range-https-fqdn",
    about: "The probe takes 200 to 299, and Apache redirects to the page with a slash.",
    world: () =>
      baseWorld({
        ...{ protocol: "Https", members: "fqdn", servers: 1 },
        probe: { path: "/app", match: { statusCodes: ["200-299"] } },
        program: apache(
          `ServerName ${shop}\nRewriteEngine on\nRewriteRule ^/app$ /app/ [R=301,L]\nRewriteRule .* $DIR/page.html`,
        ),
      }),
    expects: [{ cause: "probe-narrow-match" }],
  },
  {
    variant: "narrow-match-twin-listed",
    about: "The probe takes 200 and 302 alone, and the application redirects.",
    world: () =>
      baseWorld({
        probe: { path: "/", match: { statusCodes: ["200", "302"] } },
        program: nginx('location = / { return 302 /signin; } location / { return 200 "ok"; }'),
      }),
    expects: [],
  },
  {
    variant: "body-other-letters",
    about: "The probe wants UP, the application says up.",
    world: () =>
      baseWorld({
        probe: { match: { body: '"status":"UP"' } },
        program: node({ answers: [{ path: "/health", body: '{"status":"up"}' }] }),
      }),
    expects: [{ cause: "probe-body" }],
  },
  {
    variant: "body-new-page-v1-https",
    about: "The page of a v1 gateway's servers changed with a release.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { match: { body: "All systems go", statusCodes: ["200"] } },
        program: nginx('location / { return 200 "Everything is fine"; }'),
      }),
    expects: [{ cause: "probe-body" }],
  },
  {
    variant: "body-compressed-https",
    about: "The application compresses its page whether or not that was asked for.",
    world: () =>
      baseWorld({
        ...{ protocol: "Https", servers: 1, probe: { match: { body: "ready" } } },
        program: ({ port, tls }) => ({
          ...{ kind: "node", behaviour: "raw", port },
          options: {
            answers: [{ path: "/health", bytes: compressed("the shop is ready") }, { bytes: plain }],
          },
          ...(tls === undefined ? {} : { tls }),
        }),
      }),
    expects: [{ cause: "probe-body" }],
  },
  {
    variant: "body-twin-far-back",
    about: "The text that the probe wants stands at the end of a long page.",
    world: () =>
      baseWorld({
        probe: { match: { body: "All systems go" } },
        program: node({
          answers: [{ path: "/health", body: `${"a line of the page\n".repeat(2500)}All systems go` }],
        }),
      }),
    expects: [],
  },
];
