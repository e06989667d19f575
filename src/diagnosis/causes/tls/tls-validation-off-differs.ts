import type { BackendSetting } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { evidence, groupedBy, settingSubject } from "../../statements.ts";

interface Match {
  readonly setting: BackendSetting;
  /** The switches that are off, by field name. */
  readonly off: readonly string[];
}

export default defineCause({
  id: "tls-validation-off-differs",
  title: "Certificate checks switched off for live traffic only",
  layer: "tls",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring"],
  explainedBy: [],
  about: `The backend setting switches off the check of the chain and its dates, or of the name. The switches do not hold for
the test that the portal runs on demand, which goes on complaining about certificates that live traffic accepts: two
reports that contradict each other, and no 502 by itself. What remains is the risk that was chosen, namely that the gateway
would not notice a false server.`,
  find: ({ gateway, wiring }) => {
    if (gateway.generation !== "v2") return [];
    const encrypted = wiring.pairs.filter(({ setting }) => setting.protocol === "Https");
    return groupedBy(encrypted, ({ setting }) => setting.name).flatMap(([key, pairs]): Decision<Match>[] => {
      const [{ setting }] = pairs as [Pair];
      const off = [
        ...(setting.validateCertChainAndExpiry ? [] : ["validateCertChainAndExpiry"]),
        ...(setting.validateSni ? [] : ["validateSNI"]),
      ];
      if (off.length === 0) return [];
      return [
        {
          is: "found",
          key,
          match: { setting, off },
          affects: { pairs },
          effect: "threatens",
          basis: "state",
        },
      ];
    });
  },
  say: ({ setting, off }) => ({
    summary: `Backend setting ${setting.name} does not check ${off.includes("validateCertChainAndExpiry") ? "the chain and dates" : "the name"} of certificates, so tests on demand may contradict live traffic`,
    subjects: [settingSubject(setting)],
    evidence: off.map((field) => evidence(`${field} is false`, setting.source.at(field))),
  }),
});
