import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { rangeOf } from "../../network/ranges.ts";
import { type JsonObject, listOf, setting, textOf, textsOf } from "../../world/resource.ts";
import type { Behaviour } from "../behaviour.ts";

/** The front of App Service: a host chooses the site, the site's access rules are asked, and then the application answers. */
const appService: Behaviour = (options, tls) => {
  const sites = options as readonly JsonObject[];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const host = (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
    const site = sites.find((one) => textsOf(one, "hostNames").includes(host));
    const answer = (status: number, body: string): void => {
      response.writeHead(status, { "content-type": "text/html" });
      response.end(body);
    };
    if (site === undefined) answer(404, "<html><body><h1>404 Web Site not found.</h1></body></html>");
    else if (!admits(site, request.socket.remoteAddress ?? ""))
      answer(
        403,
        "<html><body>The web app you have attempted to reach has blocked your access.</body></html>",
      );
    else answer(200, "ok");
  };
  return tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
};

/** The rule of the least priority that fits decides. */
function admits(site: JsonObject, sender: string): boolean {
  const config = setting(site, "siteConfig");
  const rules = listOf(config, "ipSecurityRestrictions").toSorted(
    (a, b) => Number(setting(a, "priority")) - Number(setting(b, "priority")),
  );
  const fitting = rules.find((rule) =>
    covers(textOf(rule, "ipAddress") ?? "", sender.replace(/^::ffff:/, "")),
  );
  const action =
    textOf(fitting, "action") ?? textOf(config, "ipSecurityRestrictionsDefaultAction") ?? "Allow";
  return action === "Allow";
}

function covers(prefix: string, address: string): boolean {
  if (prefix === "") return false;
  if (prefix === "Any") return true;
  const [first, last] = rangeOf(prefix);
  const [asked] = rangeOf(address);
  return asked >= first && asked <= last;
}

export default appService;
