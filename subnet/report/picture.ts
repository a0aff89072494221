/** @file A picture: SVG with a title and a description for who cannot see it, a plane with axes, and marks on it. */
import { type Markup, markup, type Piece } from "./markup.ts";

/** Width of a picture in its own units: about that of a phone's screen, so that its letters stay readable there. */
export const WIDTH = 360;

/** What a picture is, in words. */
export type About = {
  /** Unique on its page: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
};

/** A whole picture. */
export function picture(about: About, height: number, parts: readonly Piece[]): Markup {
  const { id, title, description } = about;
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc>
${parts.map((part) => markup`${part}\n`)}</svg>`;
}

const MOST_LETTERS = 56;

/** A name that fits into a picture; its end gives way. */
function fitting(text: string): string {
  const letters = Array.from(text);
  return letters.length <= MOST_LETTERS ? text : `${letters.slice(0, MOST_LETTERS - 1).join("")}…`;
}

/** Words in a picture; too many for its width are cut. */
export function words(
  at: { readonly x: number; readonly y: number; readonly anchor?: "start" | "middle" | "end" },
  text: string,
): Markup {
  return markup`<text x="${at.x}" y="${at.y}" text-anchor="${at.anchor ?? "start"}">${fitting(text)}</text>`;
}

/** A straight line; its class says how it looks. */
export function stroke(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  look: string,
): Markup {
  return markup`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${look}"/>`;
}

/** Points of a line or an area. */
export function pointsOf(points: readonly (readonly [number, number])[]): Markup {
  return markup`${points.map(([x, y], at) => markup`${at === 0 ? "" : " "}${x},${y}`)}`;
}

/** A value on an axis, and what is written there. */
type Tick = { readonly value: number; readonly label: string };

/** An axis: from the first tick to the last one. */
export type Axis = { readonly ticks: readonly Tick[]; readonly name: string };

/** Where values lie in a picture. */
export type Plane = {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Axes, grid and names; they come first, under all else. */
  readonly frame: Markup;
  readonly height: number;
};

const LEFT = 46;
const RIGHT = 14;
const TOP = 18;
const BOTTOM = 36;
const LETTERS = 4;

/** A linear scale; a range without extent lies in the middle. */
function scale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): (value: number) => number {
  if (high === low) return () => (from + to) / 2;
  return (value) => from + ((to - from) * (value - low)) / (high - low);
}

const ends = ({ ticks }: Axis): readonly [number, number] => [
  ticks[0]?.value ?? 0,
  ticks.at(-1)?.value ?? 1,
];

/** A plane with both axes. */
export function plane(axes: { readonly x: Axis; readonly y: Axis }, inner = 200): Plane {
  const height = TOP + inner + BOTTOM;
  const [right, bottom] = [WIDTH - RIGHT, TOP + inner];
  const x = scale(ends(axes.x), [LEFT, right]);
  const y = scale(ends(axes.y), [bottom, TOP]);
  const frame = markup`${axes.y.ticks.map(({ value, label }) => [
    stroke([LEFT, y(value)], [right, y(value)], "grid"),
    words({ x: LEFT - 5, y: y(value) + LETTERS, anchor: "end" }, label),
  ])}${axes.x.ticks.map(({ value, label }) =>
    words({ x: x(value), y: bottom + 14, anchor: "middle" }, label),
  )}${words({ x: 2, y: 10 }, axes.y.name)}${words({ x: (LEFT + right) / 2, y: bottom + 30, anchor: "middle" }, axes.x.name)}`;
  return { x, y, frame, height };
}
