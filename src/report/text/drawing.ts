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
  const labels = Math.max(...stages.map(({ label }) => label.length)) + 2;
  let stopped = false;
  for (const { mark, label, text } of stages) {
    const line = stopped ? signs.broken : signs.down;
    const sign = { end: "", passes: signs.good, stops: signs.bad, unknown: signs.unsure }[mark];
    const before = mark === "end" ? "" : `${line} ${sign} `;
    const lead = `${before}${label}`.padEnd(labels + (mark === "end" ? 4 : 4));
    const end = mark === "stops" && !stopped ? `${text}  ${signs.here}` : text;
    page.write(end === "" ? " " : end, {
      indent,
      lead: mark === "end" ? label.padEnd(labels + 4) : lead,
      leadTone: tones[mark],
      tone: mark === "stops" ? "bad" : "plain",
    });
    if (mark === "stops") stopped = true;
  }
  if (others > 0)
    page.write(`and ${counted(others, "server")} more in the same way`, { indent, tone: "quiet" });
}
