/**
 * The rows where the vendor's sources disagree ([?] in the reference). Each is a switch with a documented default, and
 * every plan is made under one setting of them.
 */
export interface Switches {
  /**
   * Host header of the default probe when the setting names a host (health-probes.md §3): the setting's, as the support
   * articles say, or the literal 127.0.0.1, as the probe article says.
   */
  readonly defaultProbeHost: "setting" | "127.0.0.1";
  /**
   * SNI of live traffic on v2 when the setting names no host but the member is an FQDN (request-handling.md §8.2): the
   * client's Host, as the specific row says, or the member's name.
   */
  readonly liveSniWithoutHost: "client" | "member";
  /** Whether path rules compare letters by case (request-handling.md §3). */
  readonly pathCase: "insensitive" | "sensitive";
  /**
   * Whether path rules, and what stands behind them where a setting overrides the path, see `/a/../b` and `//b` as `/b`,
   * as servers do, or as they were sent (request-handling.md §3 is silent). What is sent on without an override is always
   * what came.
   */
  readonly pathSegments: "resolved" | "as-sent";
  /** What clients get for a path map without any default target (request-handling.md §3). */
  readonly missingDefaultStatus: "404" | "502";
  /** What `SeeOther` redirects answer (request-handling.md §4): 303 by their name, 302 in one older article. */
  readonly seeOtherStatus: "303" | "302";
  /**
   * Whether a redirect to a URL carries the path over when it is told to (request-handling.md §4): the overview says so,
   * one article denies it.
   */
  readonly redirectUrlPath: "kept" | "dropped";
  /**
   * The Host that servers get when a rewrite sets it and the backend setting does too (request-handling.md §6): not
   * documented; the setting comes later among the steps of a request.
   */
  readonly rewrittenHost: "setting" | "rewrite";
  /** Whether servers get `X-Original-URL` (request-handling.md §6): older articles do not list it. */
  readonly originalUrlHeader: "sent" | "left-out";
}

export const defaultSwitches: Switches = {
  defaultProbeHost: "setting",
  liveSniWithoutHost: "client",
  pathCase: "insensitive",
  pathSegments: "resolved",
  missingDefaultStatus: "404",
  seeOtherStatus: "303",
  redirectUrlPath: "kept",
  rewrittenHost: "setting",
  originalUrlHeader: "sent",
};
