import type { Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";

interface Match {
  readonly gateway: Gateway;
  readonly state: string;
  /** A health report that could be read says that it ran at some time. */
  readonly reportRead: boolean;
}

export default defineCause({
  id: "gateway-stopped",
  title: "Gateway is stopped",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "health"],
  explainedBy: [],
  about: `The gateway's operational state is not \`Running\`, so no instance takes requests: frontends do not answer, or every
request gets 502. Somebody, or an automation that saves money at night, ran \`stop\`. While it is \`Starting\` or
\`Stopping\` there is nothing to do but wait. The backend-health call fails or reports nothing in this state.`,
  find: ({ gateway, health }): Decision<Match>[] => {
    const state = gateway.operationalState;
    if (state === undefined) {
      const command = exportCommand("microsoft.network/applicationgateways", gateway.id);
      return [
        {
          is: "undecided",
          needs: { what: "whether the gateway runs: its operational state", command },
          affects: { gateway: true },
        },
      ];
    }
    if (!/^(stopped|stopping|starting)$/i.test(state)) return [];
    const reportRead = health.entries.some(({ observation }) => observation.health !== "unknown");
    return [
      {
        is: "found",
        key: gateway.name,
        match: { gateway, state, reportRead },
        affects: { gateway: true },
        effect: "stops",
        basis: reportRead ? "configuration" : "state",
      },
    ];
  },
  say: ({ gateway, state, reportRead }): Statement => ({
    summary: `Application gateway ${gateway.name} is ${state.toLowerCase()}: it answers no request`,
    subjects: [gatewaySubject(gateway)],
    evidence: [
      evidence(`the operational state is ${state}`, gateway.source.at("operationalState")),
      ...(reportRead
        ? [
            evidence(
              "the health report was taken while it ran: one of the two documents is older",
              gateway.source,
            ),
          ]
        : []),
    ],
  }),
  fix: ({ gateway, state }): FixProposal =>
    /^starting$/i.test(state)
      ? {
          summary: `Wait until ${gateway.name} runs; starting takes some minutes.`,
          changes: [],
          sideEffects: [],
        }
      : {
          summary: `Start application gateway ${gateway.name}.`,
          changes: [
            {
              action: "operate",
              resourceId: gateway.id,
              operation: "start",
              becomes: [{ path: "operationalState", value: "Running" }],
            },
          ],
          sideEffects: [
            "It is billed again from the start on.",
            ...(gateway.generation === "v1"
              ? ["A v1 gateway may get another public address; names that point at the old one must follow."]
              : []),
          ],
        },
});
