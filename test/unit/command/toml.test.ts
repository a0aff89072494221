/** @file TOML: places of keys and of errors, and values that survive being written and read. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parseTomlText, readTomlFile, tomlText, tomlValueOf } from "../../../src/command/toml.ts";
import { isAssayError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-toml-"));
after(() => rmSync(folder, { recursive: true }));

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(isAssayError(error, "bad-option"), String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
}

test("every key knows its line, and what is not found knows its table's", () => {
  const text = 'a = 1\n# b = 2\n[t]\nb = 2\n"c d" = 3\n\n[ t.u ]\nx.y = 4\n[[list]]\nz = 5\n';
  const document = parseTomlText(text, "f.toml");
  assert.deepEqual(document.values["a"], 1);
  const lines = [["a"], ["t"], ["t", "b"], ["t", "c d"], ["t", "u"], ["t", "u", "x", "y"]];
  assert.deepEqual(
    lines.map((path) => document.lineOf(path)),
    [1, 3, 4, 5, 7, 8],
  );
  assert.equal(document.lineOf(["list", "z"]), 10);
  assert.equal(document.lineOf(["t", "absent"]), 3);
  assert.equal(document.lineOf(["b"]), null);
});

test("a syntax error names file, line and column", () => {
  assert.match(
    refusal(() => parseTomlText("a = 1\nb = = 2\n", "f.toml")),
    /f\.toml, line 2, column \d+: not TOML: /,
  );
});

test("a file that cannot be read, is no text or is no settings file is refused with the reason", () => {
  assert.match(
    refusal(() => readTomlFile(join(folder, "none.toml"))),
    /none\.toml cannot be read: there is no such file/,
  );
  assert.match(
    refusal(() => readTomlFile(folder)),
    /it is a folder, not a file/,
  );
  const binary = join(folder, "binary.toml");
  writeFileSync(binary, Uint8Array.of(0x61, 0xff, 0xfe));
  assert.match(
    refusal(() => readTomlFile(binary)),
    /not UTF-8/,
  );
  const large = join(folder, "large.toml");
  writeFileSync(large, "#".repeat(1_048_577));
  assert.match(
    refusal(() => readTomlFile(large)),
    /1048577 bytes/,
  );
  const marked = join(folder, "marked.toml");
  writeFileSync(marked, "\u{feff}a = 1\n");
  assert.equal(readTomlFile(marked).values["a"], 1);
});

test("no text crashes the parser", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
      try {
        parseTomlText(text, "f.toml").lineOf(["a"]);
      } catch (error) {
        assert.ok(isAssayError(error, "bad-option"), String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test("values read back as they were written, on one line", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  const value = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
    fc.boolean(),
    text,
    fc.array(text, { maxLength: 4 }),
  );
  fc.assert(
    fc.property(value, (one) => {
      const written = tomlText(one);
      assert.ok(!written.includes("\n"), written);
      const back = tomlValueOf(written);
      // TOML has one zero for whole numbers.
      assert.deepEqual(
        Object.is(one, -0) ? Math.abs(Number(back)) : back,
        Object.is(one, -0) ? 0 : one,
      );
    }),
    { numRuns: 500 },
  );
});

test("what is no single value is none", () => {
  for (const text of ["", "a b", "1\nb = 2", "= 1", "[1"])
    assert.equal(tomlValueOf(text), undefined);
});
