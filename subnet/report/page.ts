/**
 * @file A report as one HTML file: nothing is loaded from anywhere, nothing runs in it, and its policy says so to the
 * browser. Light and dark as the reader's system is; one column on a phone.
 */
import { type Markup, markup } from "./markup.ts";
import { STYLE } from "./style.ts";

/** A table; the first column to the left, the others are numbers. */
type Table = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** A picture with its heading, what it shows in a sentence or two, and the numbers behind it. */
export type Section = {
  readonly title: string;
  readonly words: readonly string[];
  /** One or several pictures of the same kind, each with a line above it ("": none). */
  readonly pictures: readonly { readonly caption: string; readonly drawn: Markup }[];
  readonly table: Table | null;
};

/** A whole report. */
export type Report = {
  readonly title: string;
  readonly lead: string;
  /** What it is about: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly sections: readonly Section[];
};

const cell = (text: string, at: number): Markup =>
  at === 0 ? markup`<th scope="row">${text}</th>` : markup`<td>${text}</td>`;

function tableOf({ head, rows }: Table, title: string): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${title}, as numbers"><table>
<thead><tr>${head.map((text) => markup`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map(cell)}</tr>\n`)}</tbody></table></div>`;
}

function sectionOf({ title, words, pictures, table }: Section): Markup {
  const figures = pictures.map(
    ({ caption, drawn }) =>
      markup`<figure>${caption === "" ? "" : markup`<figcaption>${caption}</figcaption>`}${drawn}</figure>\n`,
  );
  return markup`<section><h2>${title}</h2>
${words.map((sentence) => markup`<p>${sentence}</p>\n`)}<div class="figures">
${figures}</div>
${table === null ? "" : tableOf(table, title)}
</section>
`;
}

/** The file. */
export function pageOf({ title, lead, facts, sections }: Report): string {
  return markup`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${title}</title>
<style>${STYLE}</style></head>
<body><main>
<h1>${title}</h1>
<p class="lead">${lead}</p>
<dl>
${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>
${sections.map(sectionOf)}</main></body></html>
`.text;
}
