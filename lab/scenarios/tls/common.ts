import type { CauseId } from "../../../src/diagnosis/cause-ids.ts";
import { dayMs } from "../../../test/support/certificates.ts";
import type { BaseWish } from "../../world/base.ts";
import type { Draft } from "../../world/draft.ts";
import {
  authority,
  install,
  issuing,
  leaf,
  sending,
  serverAddresses,
  tlsProgram,
  tlsWish,
} from "../../world/tls.ts";
import type { OperatorAction } from "../scenario.ts";

/** Of a certificate that expired two days ago. */
export const past = () => ({ notBeforeMs: Date.now() - 60 * dayMs, notAfterMs: Date.now() - 2 * dayMs });
const fqdns = ["app-1.internal.contoso.example", "app-2.internal.contoso.example"];

/** On every server: what a person does who follows the words of the fix. */
export function byHand(
  cause: CauseId,
  edit: OperatorAction["edit"],
): { readonly operator: readonly OperatorAction[] } {
  return { operator: [{ cause, servers: [...serverAddresses, ...fqdns], edit }] };
}

/** Every server sends a good chain. */
export const wholeChain = (draft: Draft): void =>
  install(tlsWish("nginx", sending(leaf({ issuer: issuing() }), issuing())))(draft);

/** The servers differ: the first sends this, the second that. */
export const two = (first: ReturnType<typeof sending>, second: ReturnType<typeof sending>): BaseWish => ({
  protocol: "Https",
  program: ({ name, port }) => tlsProgram("nginx", port, name === "app-1" ? first : second),
});

/** The root of another authority. */
export const otherRoot = () => authority("Fabrikam Root");
