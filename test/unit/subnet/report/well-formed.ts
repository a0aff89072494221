/** @file Whether a page is well formed: every element that is opened is closed in order, ids are there once, and nothing is loaded. */
import { strict as assert } from "node:assert";

const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
const ENTITY = /&(?!(?:amp|lt|gt|quot|#39);)/;

/** Fails for a page that is not well formed, or that would load or run anything. */
export function assertWellFormed(page: string): void {
  const [, ...body] = page.split("<!DOCTYPE html>");
  const whole = body.join("");
  const open: string[] = [];
  const ids: string[] = [];
  for (const [, closes, name = "", attributes = "", isEmpty] of whole.matchAll(TAG)) {
    const id = / id="([^"]*)"/.exec(attributes)?.[1];
    if (id !== undefined) ids.push(id);
    if (closes === "/") assert.equal(open.pop(), name, `</${name}> closes another element`);
    else if (isEmpty !== "/") open.push(name);
  }
  assert.deepEqual(open, [], "left open");
  assert.equal(new Set(ids).size, ids.length, "an id is there twice");
  for (const [, names = ""] of whole.matchAll(/aria-labelledby="([^"]*)"/g))
    for (const name of names.split(" "))
      assert.ok(ids.includes(name), `nothing has the id ${name}`);
  const text = whole.replaceAll(TAG, "").replace(/:root[^]*?@media print[^\n]*\n/, "");
  assert.doesNotMatch(text, /[<>]/, "a sign that is not escaped");
  assert.doesNotMatch(text, ENTITY, "an ampersand that is not escaped");
  assert.doesNotMatch(whole, /<script|<link|<img|<iframe|javascript:|url\(|@import/i);
  assert.doesNotMatch(whole, /\s(?:src|href|on\w+)="/);
  assert.doesNotMatch(whole, /NaN|Infinity|undefined|\[object/);
}
