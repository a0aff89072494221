/** @file A key and a value as a person types them: named in full or by its last word, refused with the nearest and the range. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../../src/errors.ts";
import { requireKey, setInFile, valueWritten } from "../../../../subnet/config/set-key.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-key-"));
after(() => rmSync(folder, { recursive: true }));

function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    assert.ok(
      isAssayError(error, "bad-option") && error.fault.code === "bad-option",
      String(error),
    );
    return error.fault.detail;
  }
  return assert.fail("it was accepted");
}

test("a key is named by its path, or by its last word where only one table has it", () => {
  for (const name of ["scoring.power", "power"])
    assert.equal(requireKey(name).path, "scoring.power");
  assert.equal(requireKey("windows").path, "windows");
});

test("an unknown key names the nearest, with its table", () => {
  assert.match(
    refusal(() => requireKey("powr")),
    /unknown key "powr"; nearest.*"scoring\.power"/,
  );
  assert.match(
    refusal(() => requireKey("scoring.powr")),
    /nearest valid key: "scoring\.power"/,
  );
  assert.match(
    refusal(() => requireKey("qqqqqqqqqqqqqqqqqqqqqqqq")),
    /^unknown key "q+"$/,
  );
});

test("a value is read as the key's kind; a wrong one names the range, and no flag that nobody typed", () => {
  assert.equal(valueWritten(requireKey("power"), "1.5"), 1.5);
  assert.equal(valueWritten(requireKey("name"), "7"), "7");
  assert.deepEqual(valueWritten(requireKey("include"), '["*.md"]'), ["*.md"]);
  for (const [key, value] of [
    ["power", "99"],
    ["power", "much"],
    ["windows", "1.5"],
    ["preset", "huge"],
  ] as const) {
    const detail = refusal(() => valueWritten(requireKey(key), value));
    assert.match(detail, /must be .*:/);
    assert.doesNotMatch(detail, /--set/);
  }
});

test("the file behind a link is changed, the link stays; a file that does not read is refused untouched", async () => {
  const [file, link] = [join(folder, "subnet.toml"), join(folder, "link.toml")];
  writeFileSync(file, "windows = 3 # few\n");
  symlinkSync(file, link);
  assert.equal(await setInFile(link, requireKey("windows"), 5), 3);
  assert.equal(readFileSync(file, "utf8"), "windows = 5 # few\n");
  writeFileSync(file, "windoes = 3\n");
  await assert.rejects(setInFile(file, requireKey("windows"), 5), /windoes.*nearest/);
  assert.equal(readFileSync(file, "utf8"), "windoes = 3\n");
  await assert.rejects(setInFile(join(folder, "none.toml"), requireKey("windows"), 5), /no file/);
});
