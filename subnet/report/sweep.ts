/** @file A sweep: what some shares come to under each value of one parameter. */
import { type Hue, hueClass, legend } from "./legend.ts";
import { type Markup, markup } from "./markup.ts";
import { percent, percentTick, ticksTo } from "./numbers.ts";
import { type About, picture, plane, pointsOf } from "./picture.ts";

/** One line: a share (0 to 1) for each value; null: not known. */
export type SweepLine = {
  readonly name: string;
  readonly hue: Hue;
  readonly shares: readonly (number | null)[];
};

/** A parameter, its values as they were written, and what came of them. */
export type Sweep = {
  readonly key: string;
  readonly values: readonly string[];
  readonly lines: readonly SweepLine[];
};

/** Where values lie: as numbers where all are and they rise, else one beside the other. */
function placesOf(values: readonly string[]): readonly number[] {
  const numbers = values.map((value) => (value.trim() === "" ? Number.NaN : Number(value)));
  const rise = numbers.every(
    (one, at) => Number.isFinite(one) && one > (numbers[at - 1] ?? -Infinity),
  );
  return rise ? numbers : values.map((_, at) => at);
}

/** Least and most of a line, in words. */
function rangeOf({ shares }: SweepLine): string {
  const known = shares.flatMap((share) => share ?? []);
  if (known.length === 0) return "-";
  return `${percent(Math.min(...known))} to ${percent(Math.max(...known))}`;
}

/** A sweep as a picture, with its legend. */
export function sweepPicture(about: Pick<About, "id" | "title">, sweep: Sweep): Markup {
  const { key, values, lines } = sweep;
  const places = placesOf(values);
  const most = Math.max(0.01, ...lines.flatMap(({ shares }) => shares.map((share) => share ?? 0)));
  const ticks = ticksTo(most);
  const on = plane({
    x: { ticks: places.map((value, at) => ({ value, label: values[at] ?? "" })), name: key },
    y: {
      ticks: ticks.map((value) => ({ value, label: percentTick(value, ticks) })),
      name: "share",
    },
  });
  const drawn = lines.map(({ name, hue, shares }) => {
    const known = shares.flatMap((share, at) =>
      share === null ? [] : [{ at, share, x: on.x(places[at] ?? at), y: on.y(share) }],
    );
    const dots = known.map(({ at, share, x, y }) => {
      const text = `${name}, ${key}=${values[at] ?? ""}: ${percent(share, { places: 2 })}`;
      return markup`<circle class="dot ${hueClass(hue)}" cx="${x}" cy="${y}" r="4"><title>${text}</title></circle>`;
    });
    return markup`<polyline class="line ${hueClass(hue)}" points="${pointsOf(known.map(({ x, y }) => [x, y]))}"/>${dots}`;
  });
  const spoken = lines.map((line) => `${line.name} from ${rangeOf(line)}`).join("; ");
  const description = `Under ${key} = ${values.join(", ")}: ${spoken}.`;
  const entries = lines.map((line) => ({ hue: line.hue, name: line.name, value: rangeOf(line) }));
  return markup`${picture({ ...about, description }, on.height, [on.frame, ...drawn])}${legend(entries)}`;
}
