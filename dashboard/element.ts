/** @file Small parts that every page is made of. Text is text: nothing here takes markup. */
import { type ComponentChildren, h, type JSX } from "preact";
import type { PageLink, ParticipantView, VerdictView } from "../src/api/page.ts";
import { short } from "./words.ts";

/** Anything that can stand in an element. */
export type Children = ComponentChildren;

/** A link to the record that a figure comes from; the figure alone where nobody serves one. */
export function linked(children: Children, href: PageLink, title?: string): JSX.Element {
  if (href === null || !/^https?:\/\//.test(href)) return h("span", { title }, children);
  return h("a", { href, title, rel: "noreferrer noopener", target: "_blank" }, children);
}

/** A figure with its name, its unit, what it means, and where it comes from. */
export function figure(about: {
  readonly name: string;
  readonly value: Children;
  readonly unit?: string;
  readonly note?: Children;
  readonly from?: PageLink;
}): JSX.Element {
  const { name, value, unit, note, from = null } = about;
  return h(
    "div",
    { class: "figure" },
    h("dt", null, name),
    h(
      "dd",
      null,
      h("span", { class: "value" }, linked(value, from, from === null ? "" : "the record")),
      unit === undefined ? null : h("span", { class: "unit" }, ` ${unit}`),
      note === undefined ? null : h("div", { class: "note" }, note),
    ),
  );
}

/** A part of a page under a heading. */
export function section(title: string, ...children: readonly Children[]): JSX.Element {
  return h("section", null, h("h2", null, title), ...children);
}

/** One column of a table. */
export type Column<T> = {
  readonly title: string;
  readonly cell: (row: T) => Children;
  /** Numbers stand right. */
  readonly isNumber?: boolean;
  /** Sentences: on a card they stand below the name of their column. */
  readonly isLong?: boolean;
};

/** A table. On a phone it is moved sideways or, with `cards`, each row becomes a card: a cell knows the name of its column. */
export function table<T>(about: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  readonly empty: string;
  readonly cards?: true;
}): JSX.Element {
  const { caption, columns, rows, keyOf, empty, cards } = about;
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  const head = columns.map(({ title, isNumber }) =>
    h("th", { scope: "col", class: isNumber === true ? "number" : undefined }, title),
  );
  const body = rows.map((row) =>
    h(
      "tr",
      { key: keyOf(row) },
      columns.map(({ title, cell, isNumber, isLong }, index) =>
        h(
          index === 0 ? "th" : "td",
          {
            ...(index === 0 && { scope: "row" }),
            class: isNumber === true ? "number" : isLong === true ? "long" : undefined,
            "data-name": title,
          },
          h("span", { class: "cell" }, cell(row)),
        ),
      ),
    ),
  );
  return h(
    "div",
    {
      class: cards === true ? "scroll cards" : "scroll",
      tabIndex: 0,
      role: "region",
      "aria-label": caption,
    },
    h(
      "table",
      null,
      h("caption", { class: "unseen" }, caption),
      h("thead", null, h("tr", null, head)),
      h("tbody", null, body),
    ),
  );
}

/** What a reason means for pay, as a colour with its code beside it. */
const GOOD: ReadonlySet<string> = new Set(["accepted", "shared"]);
const MIDDLE: ReadonlySet<string> = new Set([
  "untrusted",
  "below-floor",
  "penalised",
  "not-accepted-by-majority",
  "loss-not-lowered",
  "no-commitment",
  "payload-missing",
]);

/** The code of a reason. */
export function badge({ code, text }: VerdictView): JSX.Element {
  const tone = GOOD.has(code) ? "good" : MIDDLE.has(code) ? "middle" : "bad";
  return h("span", { class: `badge ${tone}`, title: text }, code);
}

/** How a participant is called: its name on this machine, else its address. */
export function nameOf({ name, ss58 }: Pick<ParticipantView, "name" | "ss58">): string {
  return name ?? short(ss58);
}

/** Where the page of a participant is. */
function pageOf({ uid, role }: Pick<ParticipantView, "uid" | "role">): string {
  return role === "validator" ? `#/validator/${uid}` : `#/miner/${uid}`;
}

/** A participant's name as a link to its page. */
export function participantLink(one: ParticipantView): JSX.Element {
  return h("a", { href: pageOf(one) }, nameOf(one));
}
