import type { Fix } from "../../diagnosis/finding.ts";

/** Whether a fix is known to help, and how that is known. */
export function fixProof({ verified, triedLive, reason }: Fix): string {
  if (!verified) return `Not verified: ${reason ?? "it was not tried"}.`;
  return triedLive
    ? "Verified: what the gateway sends after it was sent to the servers and went well, and no other cause appears."
    : "Verified on a copy of the documents: the cause is gone, no other appears.";
}
