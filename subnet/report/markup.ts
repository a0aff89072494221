/** @file Markup that cannot hold a stranger's: whatever is put into it is escaped, unless it is markup already. */

/** Text that is markup: made by `markup` and by nothing else, so that all of it was escaped once. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can be put into markup. Numbers are for coordinates; those for people are texts. */
export type Piece = string | number | Markup | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Controls but tab and line end, lone surrogates, and what turns the direction of text: shown as the replacement character. */
const UNSHOWN =
  /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;
const PLACES = 100;

/** A stranger's text as text. */
export function escaped(text: string): string {
  return text.replaceAll(UNSHOWN, "\ufffd").replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");
}

function textOf(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "number") return String(Math.round(piece * PLACES) / PLACES);
  if (typeof piece === "string") return escaped(piece);
  return piece.map(textOf).join("");
}

/** Markup from a template: text in it is escaped, lists stand one behind the other. */
export function markup(template: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(
    template
      .map((part, at) => part + (at < pieces.length ? textOf(pieces[at] ?? "") : ""))
      .join(""),
  );
}
