/** @file Files on a disk without space: whole or as they were. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { appendWhole } from "../../../src/disk/atomic-file.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-atomic-"));
after(() => rmSync(folder, { recursive: true }));
const module = new URL("../../../src/disk/atomic-file.ts", import.meta.url).href;

test("lines are appended, to a file that is made if missing", async () => {
  const path = join(folder, "new");
  await appendWhole(path, "one\n");
  await appendWhole(path, "two\n");
  assert.equal(readFileSync(path, "utf8"), "one\ntwo\n");
});

for (const [call, left] of [
  ["appendWhole", "old\n"],
  ["writeAtomically", "old\n"],
])
  test(`${call} without space leaves what was there, and no draft`, (t) => {
    if (process.platform !== "linux") return t.skip("prlimit is Linux's");
    const own = mkdtempSync(join(folder, "own-"));
    const path = join(own, "file");
    writeFileSync(path, left ?? "");
    // A limit within the new text: a part of it can be written, as on a disk that fills up.
    const script = `const { ${call} } = await import(${JSON.stringify(module)});
      await ${call}(${JSON.stringify(path)}, "x".repeat(5000)).catch((error) => console.log(error.code, error.fault?.path));`;
    const { stdout, stderr } = spawnSync(
      "prlimit",
      ["--fsize=1000", process.execPath, "--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    assert.equal(stdout, `disk-full ${path}\n`, stderr);
    assert.equal(readFileSync(path, "utf8"), left);
    assert.deepEqual(readdirSync(own), ["file"]);
  });
