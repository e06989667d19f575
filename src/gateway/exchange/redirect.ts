import type { Listener, RedirectConfiguration } from "../../model/gateway.ts";
import { compileRedirect, type Redirect } from "../../routing/redirect.ts";
import type { Route } from "../../routing/routes.ts";
import type { OwnAnswer } from "./own-answer.ts";
import type { Serving } from "./parts.ts";
import type { RequestSeen } from "./request-seen.ts";

/** Compiled once; each belongs to one configuration. */
const compiled = new WeakMap<RedirectConfiguration, Redirect>();

/** What a route that redirects answers; one that leads nowhere is a 500 of ours. */
export function redirected(route: Route, request: RequestSeen, serving: Serving): OwnAnswer {
  const configuration = route.leadsTo.redirect?.target;
  const { host } = request;
  // `OPTIONS *` asks for no path.
  const target = request.target === "*" ? "/" : request.target;
  const answer = configuration && redirectFor(configuration, serving)({ host, target });
  if (answer === undefined) return { status: 500, ending: "PR", errorInfo: "ERRORINFO_INVALID_REQUEST" };
  return {
    status: answer.status,
    ending: "--",
    errorInfo: undefined,
    lines: `Location: ${answer.location}\r\n`,
  };
}

function redirectFor(configuration: RedirectConfiguration, { prepared, switches }: Serving): Redirect {
  const known = compiled.get(configuration);
  if (known !== undefined) return known;
  const portOf = (listener: Listener): number | undefined =>
    prepared.doors.find(({ listeners }) => listeners.some((one) => one.listener === listener))?.port ??
    listener.frontendPort?.target?.port;
  const redirect = compileRedirect(configuration, switches, portOf);
  compiled.set(configuration, redirect);
  return redirect;
}
