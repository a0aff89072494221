/** @file Setting a key in an owner's file: its line changes, comments and everything else stay. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseTomlText } from "../../../../src/command/toml.ts";
import { isAssayError } from "../../../../src/errors.ts";
import {
  CONFIG_KEYS,
  type KeyInfo,
  type KeyValue,
  valueAt,
} from "../../../../subnet/config/keys.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";
import { defaultConfig } from "../../../../subnet/config/resolve.ts";
import { templateText } from "../../../../subnet/init/template.ts";
import { withValue } from "../../../../subnet/config/edit.ts";
import { arbitraryValueOf } from "./arbitrary.ts";

const FILE = "subnet.toml";
const TEMPLATE = templateText({
  config: defaultConfig(),
  explicit: new Set(["name", "windows", "data.folder", "model.preset"]),
  file: FILE,
  schema: null,
});

const infoOf = (path: string): KeyInfo => {
  const found = CONFIG_KEYS.find((info) => info.path === path);
  return found ?? assert.fail(`no key ${path}`);
};
const set = (text: string, path: string, value: KeyValue): string =>
  withValue(text, FILE, infoOf(path), value);

/** What a file gives, by key, without what follows from other keys. */
function given(text: string): Map<string, KeyValue> {
  const { config, entries } = loadConfig(parseTomlText(text, FILE), { environment: {} });
  return new Map(
    entries
      .filter(({ source }) => source === "file")
      .map(({ info }) => [info.path, valueAt(config, info)]),
  );
}

test("an assignment keeps its indent, its comment and the comment's column", () => {
  const text = "[scoring]\n  power = 2            # unit: number\n";
  assert.equal(
    set(text, "scoring.power", 1.5),
    "[scoring]\n  power = 1.5          # unit: number\n",
  );
  assert.equal(set("name = 'a#b' # x\n", "name", "c#d"), 'name = "c#d" # x\n');
  assert.equal(set("windows = 1#x", "windows", 1_000_000), "windows = 1000000 #x");
});

test("a commented line of the template becomes the assignment", () => {
  const text = set(TEMPLATE, "scoring.power", 3);
  const [before, after] = [TEMPLATE.split("\n"), text.split("\n")];
  const changed = after.filter((line, index) => line !== before[index]);
  assert.equal(after.length, before.length);
  assert.equal(changed.length, 1);
  assert.match(changed[0] ?? "", /^power = 3 {2,}# number, above 0 to 16$/);
  // The comment stays in its column.
  assert.equal(
    changed[0]?.indexOf("# "),
    TEMPLATE.split("\n")
      .find((line) => line.startsWith("#power"))
      ?.indexOf("# "),
  );
});

test("prose that begins like an assignment is no line to change", () => {
  const text = "[scoring]\n# power = how steeply pay grows\n#trustAlpha = 0.1\n";
  assert.equal(set(text, "scoring.power", 3), `${text}power = 3\n`);
});

test("a key that is not there comes below its table, and a table that is not there at the end", () => {
  assert.equal(
    set("[codec]\nk = 1\n\n[inner]\n", "codec.chunk", 8),
    "[codec]\nk = 1\nchunk = 8\n\n[inner]\n",
  );
  assert.equal(set("windows = 3", "codec.k", 8), "windows = 3\n\n[codec]\nk = 8\n");
  assert.equal(set("[codec]\nk = 1\n", "windows", 8), "windows = 8\n[codec]\nk = 1\n");
  assert.equal(set("", "windows", 8), "windows = 8\n");
});

test("a list over several lines is replaced as a whole, Windows line ends stay", () => {
  const text = '[data]\r\ninclude = [\r\n  "a", # one\r\n  "b",\r\n]\r\nfield = "x"\r\n';
  assert.equal(set(text, "data.include", ["c"]), '[data]\r\ninclude = [ "c" ]\r\nfield = "x"\r\n');
  assert.equal(set("windows = 1 # x\r\n", "windows", 2), "windows = 2 # x\r\n");
});

test("inline tables and dotted keys are refused, with the line to write", () => {
  for (const text of ["scoring = { power = 2 }\n", "scoring.power = 2\n"])
    assert.throws(
      () => set(text, "scoring.power", 3),
      (error: unknown) =>
        isAssayError(error, "bad-option") &&
        /scoring\.power stands in subnet\.toml in a form .* power = 3/.test(error.message),
      text,
    );
});

const comments = (text: string): string[] =>
  text.split("\n").filter((line) => line.startsWith("# "));

test("whatever is set, it reads back, nothing else changes, and no comment is lost", () => {
  const steps = fc.array(
    fc
      .constantFrom(...CONFIG_KEYS)
      .chain((info) => arbitraryValueOf(info).map((value) => ({ info, value }))),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(fc.constantFrom(TEMPLATE, "", "[codec]\nk = 3 # few\n"), steps, (start, all) => {
      let text = start;
      for (const { info, value } of all) {
        const expected = given(text).set(info.path, value);
        text = withValue(text, FILE, info, value);
        assert.deepEqual(
          [...given(text)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
          [...expected].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        );
        assert.equal(withValue(text, FILE, info, value), text, "the second time changes nothing");
      }
      assert.deepEqual(comments(text), comments(start));
    }),
    { numRuns: 200 },
  );
});
