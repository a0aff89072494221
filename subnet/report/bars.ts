/** @file Bars with marks: what somebody earned, beside what it may be held against. */
import { type Hue, hueClass } from "./legend.ts";
import { type Markup, markup } from "./markup.ts";
import { percent, percentTick, ticksTo } from "./numbers.ts";
import { type About, picture, stroke, WIDTH, words } from "./picture.ts";

/** One bar. Values are shares (0 to 1). */
export type Bar = {
  readonly name: string;
  readonly hue: Hue;
  readonly value: number;
  /** A hollow mark on the same scale; null: none. */
  readonly mark: number | null;
  /** An upright line; a bar that crosses it is of another colour; null: none. */
  readonly bound: number | null;
};

/** What bar, mark and line mean, for the description: "share earned". */
export type BarWords = { readonly value: string; readonly mark: string; readonly bound: string };

const ROW = 34;
const BAR = 12;
const FROM = 6;
const TO = WIDTH - 60;
const TOP = 4;
const FOOT = 20;

function spoken({ name, value, mark, bound }: Bar, meaning: BarWords): string {
  const parts = [
    `${meaning.value} ${percent(value, { places: 2 })}`,
    ...(mark === null ? [] : [`${meaning.mark} ${percent(mark, { places: 2 })}`]),
    ...(bound === null ? [] : [`${meaning.bound} ${percent(bound, { places: 2 })}`]),
  ];
  return `${name}: ${parts.join(", ")}`;
}

/** Bars as a picture: a name above each, its value behind it. */
export function barsPicture(
  about: Pick<About, "id" | "title">,
  bars: readonly Bar[],
  meaning: BarWords,
): Markup {
  const most = Math.max(
    0.01,
    ...bars.flatMap(({ value, mark, bound }) => [value, mark ?? 0, bound ?? 0]),
  );
  const ticks = ticksTo(most);
  const widest = ticks.at(-1) ?? 1;
  const x = (value: number): number => FROM + ((TO - FROM) * Math.max(0, value)) / widest;
  const bottom = TOP + bars.length * ROW;
  const rows = bars.map((bar, index) => {
    const y = TOP + index * ROW;
    const isOver = bar.bound !== null && bar.value > bar.bound;
    const middle = y + 15 + BAR / 2;
    const mark = bar.mark === null ? "" : diamond(x(bar.mark), middle);
    return markup`<g><title>${spoken(bar, meaning)}</title>${words({ x: FROM, y: y + 11 }, bar.name)}
<rect class="${isOver ? "over" : hueClass(bar.hue)}" x="${FROM}" y="${y + 15}" width="${x(bar.value) - FROM}" height="${BAR}"/>
${bar.bound === null ? "" : stroke([x(bar.bound), y + 12], [x(bar.bound), y + 30], "limit")}${mark}
${words({ x: TO + 8, y: y + 25 }, percent(bar.value, { places: 2 }))}</g>`;
  });
  const grid = ticks.map((tick) => [
    stroke([x(tick), TOP], [x(tick), bottom], "grid"),
    words(
      { x: x(tick), y: bottom + 14, anchor: tick === 0 ? "start" : "middle" },
      percentTick(tick, ticks),
    ),
  ]);
  const description = bars.map((bar) => spoken(bar, meaning)).join("; ");
  return picture({ ...about, description }, bottom + FOOT, [...grid, ...rows]);
}

const HALF = 5;

function diamond(x: number, y: number): Markup {
  return markup`<path class="mark" d="M${x - HALF} ${y}L${x} ${y - HALF}L${x + HALF} ${y}L${x} ${y + HALF}Z"/>`;
}
