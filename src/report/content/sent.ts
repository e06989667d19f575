import type { SentForGateway } from "../report-input.ts";
import { abridged, counted } from "./wording.ts";

/** `4 probes, 3 requests, 2 experiments, 1 fix tried` */
export function sentWords({ probes, requests, experiments, fixesTried }: SentForGateway): string {
  return [
    counted(probes, "probe"),
    counted(requests, "request"),
    counted(experiments.made, "experiment"),
    ...(fixesTried === 0 ? [] : [`${counted(fixesTried, "exchange")} to try fixes`]),
  ].join(", ");
}

/** What was not sent though it would have told something, and what to do about it. */
export function notSentWords({ experiments, notReplayed, withoutRequest }: SentForGateway): string[] {
  const { risk, count, time } = experiments.leftOut;
  const rewritten = notReplayed.filter(({ why }) => why === "rewritten");
  const unaddressed = notReplayed.filter(({ why }) => why === "address-unknown");
  const unnamed = withoutRequest.filter(({ why }) => why === "host-unknown");
  return [
    ...(risk === 0 ? [] : [`${counted(risk, "experiment")} not made: --experiments allows no more`]),
    ...(count === 0 ? [] : [`${counted(count, "experiment")} not made: --experiment-limit allows no more`]),
    ...(time === 0 ? [] : [`${counted(time, "experiment")} not made: --experiment-time allows no more`]),
    ...(rewritten.length === 0
      ? []
      : [
          `no request for ${routesOf(rewritten)}: what rewrite rules make of it depends on something that is not known here`,
        ]),
    ...(unaddressed.length === 0
      ? []
      : [`no request for servers of ${routesOf(unaddressed)} whose address is not among the documents`]),
    ...(unnamed.length === 0
      ? []
      : [
          `no request for ${routesOf(unnamed)}: no host name is known that clients ask for; give one with --url`,
        ]),
  ];
}

function routesOf(items: readonly { readonly route: string }[]): string {
  return abridged([...new Set(items.map(({ route }) => route))], 3);
}
