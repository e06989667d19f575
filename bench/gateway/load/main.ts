/** The load generator as a process: the plan as JSON in the first word, the result as JSON on the output. */
import { type LoadPlan, runLoad } from "./load.ts";

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
console.log(JSON.stringify(await runLoad(plan)));
