/** @file What the colours of a picture mean, as a list beside it: it wraps on a phone, where words in a picture would not. */
import { type Markup, markup } from "./markup.ts";

/** A colour: honest work has one of its own, everybody else one of eight. */
export type Hue = "honest" | number;

const HUES = 8;

/** Class of a colour; a ninth has the first one's. */
export function hueClass(hue: Hue): string {
  return hue === "honest" ? "honest" : `hue-${hue % HUES}`;
}

/** Colours in the order of names: honest work keeps its own. */
export function huesOf(series: readonly { readonly isHonest: boolean }[]): readonly Hue[] {
  let next = 0;
  return series.map(({ isHonest }) => (isHonest ? "honest" : next++));
}

/** A list of colours, each with its name and a number. */
export function legend(
  entries: readonly { readonly hue: Hue; readonly name: string; readonly value: string }[],
): Markup {
  return markup`<ul class="legend">${entries.map(
    ({ hue, name, value }) =>
      markup`<li><span class="key ${hueClass(hue)}"></span><span class="name">${name}</span> <b>${value}</b></li>`,
  )}</ul>`;
}
