import { resolves, type SeenName, type Voice } from "../../facets/live-names.ts";
import type { Evidence } from "../../finding.ts";
import { evidence } from "../../statements.ts";

/** What every DNS server that was asked said of a name; nothing where none was asked. */
export function answersSeen(seen: SeenName | undefined): Evidence[] {
  if (seen === undefined) return [];
  if (seen.unaskable) return [evidence(`${seen.name} is no name that DNS can be asked for`, seen.source)];
  return [...seen.own, ...seen.others].map((voice) => evidence(voiceWords(voice, seen.name), seen.source));
}

function voiceWords(voice: Voice, name: string): string {
  const who = { gateway: "asked as the gateway asks", comparison: "asked to compare", system: "" }[
    voice.role
  ];
  return `${voice.server}${who === "" ? "" : `, ${who},`} ${wordsOf(voice, name)}`;
}

function wordsOf({ says, rcode, addresses, ttlS }: Voice, name: string): string {
  switch (says) {
    case "addresses":
      return `answers ${name} with ${addresses.slice(0, 8).join(", ")}${ttlS === undefined ? "" : `, to be kept for ${ttlS} s`}`;
    case "no-such-name":
      return `says that ${name} does not exist`;
    case "no-address":
      return `knows ${name}, but no address of it`;
    case "failure":
      return `gives no answer for ${name} but ${rcode ?? "one that cannot be read"}`;
    case "closed":
      return "does not serve DNS: the question is refused by the machine";
    case "silence":
      return `does not answer when asked for ${name}`;
  }
}

/** An address that others than the gateway's own servers have for a name, and who says so. */
export interface OtherAddress {
  readonly address: string;
  readonly from: string;
}

/** The addresses of those asked to compare, without what the gateway gets itself. */
export function otherAddresses({ others, used }: SeenName): readonly OtherAddress[] {
  return others
    .filter(resolves)
    .flatMap(({ addresses, server }) => addresses.map((address) => ({ address, from: server })))
    .filter(({ address }) => !used.includes(address));
}
