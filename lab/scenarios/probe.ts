import { answerScenarios } from "./probe/answers.ts";
import { doubleScenarios } from "./probe/double.ts";
import { hostScenarios } from "./probe/hosts.ts";
import { layer4Scenarios } from "./probe/layer4.ts";
import { pathScenarios } from "./probe/paths.ts";
import { serviceScenarios } from "./probe/service.ts";
import { timingScenarios } from "./probe/timing.ts";
import type { Scenario } from "./scenario.ts";

const scenarios = [
  ...hostScenarios,
  ...pathScenarios,
  ...answerScenarios,
  ...timingScenarios,
  ...serviceScenarios,
  ...layer4Scenarios,
  ...doubleScenarios,
];

export default scenarios.map((one): Scenario => ({ family: "probe", ...one }));
