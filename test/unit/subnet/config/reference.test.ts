/** @file What is generated from the schema is in the repository as it would be generated now. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CONFIG_KEYS } from "../../../../subnet/config/keys.ts";
import { configOptions } from "../../../../subnet/config/options.ts";
import { configJsonSchema, configMarkdown } from "../../../../subnet/config/reference.ts";
import { showConfig } from "../../../../subnet/config/show.ts";

const committed = (name: string): string =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), "utf8");

test("docs/config.md is fresh", () => {
  const message = "run: node subnet/main.ts config --markdown > docs/config.md";
  assert.equal(committed("config.md"), configMarkdown(), message);
});

test("docs/subnet.schema.json is fresh", () => {
  const message = "run: node subnet/main.ts config --json-schema > docs/subnet.schema.json";
  assert.equal(committed("subnet.schema.json"), configJsonSchema(), message);
});

test("the table and the editor's schema name every key", () => {
  const [table, schema] = [configMarkdown(), configJsonSchema()];
  for (const { key, effect } of CONFIG_KEYS) {
    assert.ok(table.includes(`| \`${key}\` |`), key);
    assert.ok(schema.includes(JSON.stringify(effect).slice(1, -1)), key);
  }
  for (const word of ['"effect"', '"kind": "a', '"readOnly"', '"required"'])
    assert.ok(!schema.includes(word), word);
});

test("config prints every value with its source, and reads back as TOML", () => {
  const shown = showConfig({
    ...configOptions.parse({}),
    file: "subnet.toml",
    set: ["codec.k=64"],
  });
  assert.match(shown, /^\[codec\]\nk = 64 +# --set$/m);
  assert.match(shown, /^totalSteps = 600 +# derived: steps \* windows/m);
  const json: unknown = JSON.parse(showConfig(configOptions.parse({ json: true })));
  assert.ok(typeof json === "object" && json !== null && "codec" in json);
});
