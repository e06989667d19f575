import type { Drawing, Stage } from "../content/drawing.ts";
import { counted } from "../content/wording.ts";
import type { Page } from "./page.ts";
import type { Tone } from "./style.ts";

const tones: Readonly<Record<Stage["mark"], Tone>> = {
  end: "plain",
  passes: "good",
  stops: "bad",
  unknown: "unsure",
};

/** The way from the gateway subnet to the server, from top to bottom, with the stop that ends it marked. */
export function writeDrawing(page: Page, { stages, others }: Drawing, indent: number): void {
  const { signs } = page;
  const columns = Math.max(...stages.map(({ label }) => label.length)) + 6;
  let stopped = false;
  for (const { mark, label, text } of stages) {
    const sign = { end: "", passes: signs.good, stops: signs.bad, unknown: signs.unsure }[mark];
    const line = stopped ? signs.broken : signs.down;
    const lead = mark === "end" ? label : `${line} ${sign} ${label}`;
    const tone = mark === "stops" ? "bad" : "plain";
    page.write(text, { indent, lead: lead.padEnd(columns), leadTone: tones[mark], tone });
    if (mark !== "stops" || stopped) continue;
    stopped = true;
    page.write("fails here", {
      indent,
      lead: `${`${signs.broken} `.padEnd(columns)}${signs.here} `,
      leadTone: "bad",
      tone: "bad",
    });
  }
  if (others > 0) page.write(`and ${counted(others, "more server")} the same way`, { indent, tone: "quiet" });
}
