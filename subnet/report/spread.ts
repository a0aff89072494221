/** @file Variation of honest pay: one dot for each miner, by how far its pay is from the mean of all of them. */
import { type Markup, markup } from "./markup.ts";
import { percent, ticksTo } from "./numbers.ts";
import { type About, picture, stroke, WIDTH, words } from "./picture.ts";

/** Miners that did the same work. `pays` on any scale. */
export type SpreadRow = { readonly name: string; readonly pays: readonly number[] };

/** How much pay varies: coefficient of variation, and the largest distance from the mean, as shares of the mean. */
export type Spread = {
  readonly cv: number;
  readonly most: number;
  readonly offsets: readonly number[];
};

/** What equal work is held to: no miner further from the mean. */
export const MOST_DEVIATION = 0.15;

const ROW = 36;
const TOP = 4;
const FROM = 20;
const TO = WIDTH - 20;
const FOOT = 34;
const MOST_SHOWN = 1;

/** Variation of some pays; null for fewer than two, and where nobody was paid. */
export function spreadOf(pays: readonly number[]): Spread | null {
  const mean = pays.reduce((sum, pay) => sum + pay, 0) / pays.length;
  if (pays.length < 2 || !(mean > 0)) return null;
  const offsets = pays.map((pay) => pay / mean - 1);
  const square = offsets.reduce((sum, one) => sum + one * one, 0) / (pays.length - 1);
  return { cv: Math.sqrt(square), most: Math.max(...offsets.map(Math.abs)), offsets };
}

/** A spread in words. */
function spreadText({ cv, most }: Spread): string {
  return `variation ${percent(cv)}, largest deviation ${percent(most)}`;
}

/** Spreads as a picture; rows without one are left out. */
export function spreadPicture(
  about: Pick<About, "id" | "title">,
  rows: readonly SpreadRow[],
): Markup {
  const found = rows.flatMap(({ name, pays }) => {
    const spread = spreadOf(pays);
    return spread === null ? [] : [{ name, spread }];
  });
  const most = Math.min(
    MOST_SHOWN,
    Math.max(MOST_DEVIATION, ...found.map(({ spread }) => spread.most)),
  );
  const ticks = ticksTo(most, 2);
  const edge = ticks.at(-1) ?? 1;
  const [middle, half] = [(FROM + TO) / 2, (TO - FROM) / 2];
  const x = (offset: number): number =>
    middle + (half * Math.max(-edge, Math.min(edge, offset))) / edge;
  const bottom = TOP + found.length * ROW;
  const lines = [
    ...ticks
      .slice(1)
      .map((tick) => -tick)
      .toReversed(),
    ...ticks,
  ].map((tick) => [
    stroke([x(tick), TOP], [x(tick), bottom], "grid"),
    words(
      { x: x(tick), y: bottom + 14, anchor: "middle" },
      percent(tick, { places: 0, signed: true }),
    ),
  ]);
  const bounds = [-MOST_DEVIATION, MOST_DEVIATION].map((bound) =>
    stroke([x(bound), TOP], [x(bound), bottom], "bound dashed"),
  );
  const dots = found.map(({ name, spread }, index) => {
    const y = TOP + index * ROW;
    return markup`<g><title>${`${name}: ${spreadText(spread)}`}</title>${words({ x: 2, y: y + 12 }, name)}
${spread.offsets.map((one) => markup`<circle class="dot honest" cx="${x(one)}" cy="${y + 24}" r="4"/>`)}</g>`;
  });
  const description = found.map(({ name, spread }) => `${name}: ${spreadText(spread)}`).join("; ");
  return picture({ ...about, description }, bottom + FOOT, [
    ...lines,
    ...bounds,
    ...dots,
    words({ x: middle, y: bottom + 30, anchor: "middle" }, "pay against the mean of honest miners"),
  ]);
}
