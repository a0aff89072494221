/** @file Markup: strangers' text stays text, whatever it says; markup in markup stays markup. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { escaped, Markup, markup } from "../../../../subnet/report/markup.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};
const unescaped = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? "");

test("any text is escaped so that it reads back, less what nobody can see", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const safe = escaped(text);
      assert.doesNotMatch(safe, /[<>"']/);
      assert.doesNotMatch(safe, /&(?!(?:amp|lt|gt|quot|#39);)/);
      assert.doesNotMatch(safe, /(?![\t\n])\p{Cc}|\p{Surrogate}/u);
      const back = unescaped(safe);
      assert.equal(back.length === text.length || back.includes("\ufffd"), true);
      if (!back.includes("\ufffd")) assert.equal(back, text);
    }),
  );
});

test("what turns the direction of text, ends a string or a line is shown as replaced", () => {
  assert.equal(escaped("a\u202eb\0c\u2028d\ud800e"), "a\ufffdb\ufffdc\ufffdd\ufffde");
  assert.equal(escaped("Zoë 東京 🙂\n"), "Zoë 東京 🙂\n");
});

test("pieces: texts are escaped once, markup and lists stand as they are, numbers are short", () => {
  const inner = markup`<b>${"<&>"}</b>`;
  assert.ok(inner instanceof Markup);
  assert.equal(
    markup`<p title="${'"x'}">${inner}${[inner, " ", 1 / 3]}</p>`.text,
    '<p title="&quot;x"><b>&lt;&amp;&gt;</b><b>&lt;&amp;&gt;</b> 0.33</p>',
  );
});
