/** @file Emission by strategy over time: areas one upon the other, of which each window's add up to all that was paid. */
import { hueClass, huesOf, legend } from "./legend.ts";
import { type Markup, markup } from "./markup.ts";
import { percent } from "./numbers.ts";
import { type About, type Axis, picture, plane, pointsOf, type Plane } from "./picture.ts";

/** What one party was paid: a share (0 to 1) of everything in each period, and of the whole. */
export type PaidSeries = {
  readonly name: string;
  readonly isHonest: boolean;
  readonly shares: readonly number[];
  readonly whole: number;
};

/** Emission over time. */
export type Emission = {
  readonly series: readonly PaidSeries[];
  /** What a period is, "window", and what the axis says of their numbers. */
  readonly period: string;
  readonly axis: string;
  /** Number of each period, in rising order. */
  readonly periods: readonly number[];
};

const TENTHS = [0, 0.25, 0.5, 0.75, 1] as const;
const MOST_TICKS = 5;

/** Some of the periods, the first and the last one among them. */
function periodTicks({ periods, axis }: Emission): Axis {
  const last = periods.length - 1;
  const count = Math.min(MOST_TICKS, periods.length);
  const places = Array.from({ length: count }, (_, at) =>
    count === 1 ? 0 : Math.round((at * last) / (count - 1)),
  );
  return {
    name: axis,
    ticks: places.map((value) => ({ value, label: String(periods[value] ?? value) })),
  };
}

/** Upper edge of every area. */
function stacked(series: readonly PaidSeries[]): readonly (readonly number[])[] {
  const edges: (readonly number[])[] = [];
  for (const { shares } of series) {
    const below = edges.at(-1);
    edges.push(shares.map((share, at) => (below?.[at] ?? 0) + share));
  }
  return edges;
}

function area(
  { x, y }: Plane,
  edges: { readonly upper: readonly number[]; readonly lower: readonly number[] },
  look: { readonly hue: string; readonly words: string },
): Markup {
  const up = edges.upper.map((value, at) => [x(at), y(value)] as const);
  const down = edges.lower.map((value, at) => [x(at), y(value)] as const).toReversed();
  return markup`<polygon class="area ${look.hue}" points="${pointsOf([...up, ...down])}"><title>${look.words}</title></polygon>`;
}

/** Emission as a picture, with its legend. Cheats lie on the ground: what they take is read off the axis. */
export function emissionPicture(about: Pick<About, "id" | "title">, emission: Emission): Markup {
  const { series, periods, period } = emission;
  const sorted = [...series].toSorted((a, b) => Number(a.isHonest) - Number(b.isHonest));
  const hues = huesOf(sorted);
  const spoken = sorted.map(({ name, whole }) => `${name} ${percent(whole)}`);
  const description = `Shares of what was paid in each ${period}, ${periods.length} in all. Of the whole: ${spoken.join(", ")}.`;
  const ticks = TENTHS.map((value) => ({ value, label: percent(value, { places: 0 }) }));
  const on = plane({ x: periodTicks(emission), y: { ticks, name: "share of emission" } });
  const edges = stacked(sorted);
  const nothing = periods.map(() => 0);
  const areas = sorted.map((_, at) =>
    area(
      on,
      { upper: edges[at] ?? nothing, lower: edges[at - 1] ?? nothing },
      { hue: hueClass(hues[at] ?? 0), words: spoken[at] ?? "" },
    ),
  );
  const entries = sorted.map(({ name, whole }, at) => ({
    hue: hues[at] ?? 0,
    name,
    value: percent(whole),
  }));
  return markup`${picture({ ...about, description }, on.height, [on.frame, ...areas])}${legend(entries)}`;
}
