import type { AdminPlace } from "../../gateway/admin/admin-server.ts";
import { plainJson } from "../../model/plain-json.ts";
import { systemClock } from "../../probe/clock.ts";
import { adminPlaceFrom, adminPlaceWords, usualAdminPlace } from "../admin-place.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { textStyleFor } from "../terminal.ts";
import { askAdmin, NoAnswer } from "../top/admin-client.ts";
import { seenFailing, type TopData } from "../top/data.ts";
import { History } from "../top/history.ts";
import { LiveTop } from "../top/live.ts";
import { pageOf } from "../top/page.ts";
import { NotActivity, readActivity } from "../top/read-activity.ts";
import { firstState } from "../top/state.ts";

/** `causeway top [PLACE]` */
export async function top(args: Arguments, io: Io): Promise<number> {
  const place = placeFrom(args.positionals);
  const intervalMs = secondsFrom(args.text("interval")) * 1000;
  const json = args.text("format") === "json";
  const history = new History();
  const look = async (signal?: AbortSignal): Promise<TopData> => history.add(await activityOf(place, signal));
  if (!json && !args.flag("once")) {
    const live = new LiveTop({ place, look, io, intervalMs, style: textStyleFor(io, args) });
    if (await live.run()) return exitCodes.fine.code;
  }
  const data = await orUsage(place, lookedTwice(look, intervalMs));
  if (json) await io.stdout.write(`${plainJson(JSON.stringify(data, null, 2))}\n`);
  else await io.stdout.write(pageText(data, place, args, io));
  return seenFailing(data) ? exitCodes.found.code : exitCodes.fine.code;
}

function placeFrom(words: readonly string[]): AdminPlace {
  const [text, ...more] = words;
  if (text === undefined) return usualAdminPlace;
  if (more.length > 0) throw new UsageError("one gateway at a time; see causeway top --help");
  const place = adminPlaceFrom(text);
  if (place !== undefined) return place;
  throw new UsageError(
    `PLACE is a port of this machine, such as 127.0.0.1:9090 or [::1]:9090, or unix:PATH, not "${text}"`,
  );
}

function secondsFrom(text = "1"): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 60) return Number(text);
  throw new UsageError(`--interval takes whole seconds from 1 to 60, not "${text}"`);
}

async function activityOf(place: AdminPlace, signal?: AbortSignal) {
  const { status, body } = await askAdmin(place, "GET", "/activity", signal);
  if (status !== 200) throw new NoAnswer(`it answers ${status} to /activity`);
  try {
    return readActivity(body);
  } catch (error) {
    if (error instanceof NotActivity) throw new NoAnswer(`what answers is no admin port: ${error.message}`);
    throw error;
  }
}

/** Rates are made of two looks. */
async function lookedTwice(look: () => Promise<TopData>, betweenMs: number): Promise<TopData> {
  await look();
  await new Promise<void>((resolve) => systemClock.after(betweenMs, resolve));
  return look();
}

async function orUsage<T>(place: AdminPlace, looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new UsageError(
      `${adminPlaceWords(place)}: ${error.message}; is it what run was given with --admin?`,
    );
  }
}

/** Wide enough for everything where nobody says how wide it may be. */
const whenPiped = 120;

function pageText(data: TopData, place: AdminPlace, args: Arguments, io: Io): string {
  const width = io.stdout.columns ?? whenPiped;
  const options = {
    style: { ...textStyleFor(io, args), width },
    rows: undefined,
    place: adminPlaceWords(place),
    nowMs: Date.parse(data.at),
  };
  return `${pageOf({ ...firstState, data }, options).join("\n")}\n`;
}
