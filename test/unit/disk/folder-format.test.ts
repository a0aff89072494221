/** @file The format of a folder: noted, brought up to date step by step, and left alone when it is a later release's. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { isNewerFormat } from "../../../base/formats.ts";
import { claimFolder } from "../../../src/disk/folder-claim.ts";
import {
  bringUpToDate,
  type FolderFormat,
  formatOf,
  LOCALNET_FOLDER,
  newestFormat,
  NODE_FOLDER,
  PUBLICATION_FOLDER,
} from "../../../src/disk/folder-format.ts";
import { isAssayError } from "../../../src/errors.ts";

const root = mkdtempSync(join(tmpdir(), "assay-format-"));
after(() => rmSync(root, { recursive: true }));
let count = 0;
function folderWith(format: string | null): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  if (format !== null) writeFileSync(join(folder, "format"), `${format}\n`);
  return folder;
}
const said = (folder: string): string => readFileSync(join(folder, "format"), "utf8").trim();
const isNewer = (error: unknown): boolean => isAssayError(error, "format-newer");

/** A kind of folder with three versions, and what was done to bring one up to date. */
function threeVersions(failsAt?: number): { format: FolderFormat; done: number[] } {
  const done: number[] = [];
  const step = (number: number) => () => {
    if (number === failsAt) throw new Error("no");
    done.push(number);
  };
  return { format: { name: "assay/test", steps: [step(1), step(2)] }, done };
}

test("a folder that says nothing is of version 1 and goes through every step once", () => {
  const { format, done } = threeVersions();
  const folder = folderWith(null);
  bringUpToDate(folder, format);
  assert.deepEqual(done, [1, 2]);
  assert.equal(said(folder), "assay/test/3");
  bringUpToDate(folder, format);
  assert.deepEqual(done, [1, 2]);
});

test("one of version 2 takes the second step alone", () => {
  const { format, done } = threeVersions();
  const folder = folderWith("assay/test/2");
  assert.equal(formatOf(folder, format), 2);
  bringUpToDate(folder, format);
  assert.deepEqual(done, [2]);
});

test("a step that fails is taken again, and those before it are not", () => {
  const failing = threeVersions(2);
  const folder = folderWith(null);
  assert.throws(() => bringUpToDate(folder, failing.format), /no/);
  assert.equal(said(folder), "assay/test/2");
  const { format, done } = threeVersions();
  bringUpToDate(folder, format);
  assert.deepEqual([failing.done, done], [[1], [2]]);
});

for (const format of [NODE_FOLDER, PUBLICATION_FOLDER, LOCALNET_FOLDER])
  test(`${format.name}: a later release's folder is refused, not touched, and not held`, () => {
    const later = `${format.name}/${format.steps.length + 2}`;
    const folder = folderWith(later);
    writeFileSync(join(folder, "state.json.0123abcd.tmp"), "a draft");
    assert.throws(
      () => claimFolder(folder, format),
      (error) =>
        isNewer(error) &&
        String(error).includes(later) &&
        String(error).includes(newestFormat(format)),
    );
    assert.equal(said(folder), later);
    assert.ok(readdirSync(folder).includes("state.json.0123abcd.tmp"));
    // Had it stayed claimed, this would be state-in-use.
    assert.throws(() => claimFolder(folder, format), isNewer);
  });

test("a folder of another kind, or with nonsense in it, is refused by name", () => {
  for (const text of [newestFormat(LOCALNET_FOLDER), "", "x", "assay/node-folder/0"])
    assert.throws(
      () => claimFolder(folderWith(text), NODE_FOLDER),
      (error) => isAssayError(error, "state-corrupt") && String(error).includes("format"),
      text,
    );
});

test("a claim clears the drafts of a process that was killed, and nothing else", () => {
  const folder = folderWith(null);
  const kept = ["state.json", "notes.tmp", "a.0123abcd.tmp.old"];
  for (const name of [...kept, "state.json.0123abcd.tmp", "moments.bin.89abcdef.tmp"])
    writeFileSync(join(folder, name), "x");
  claimFolder(folder, NODE_FOLDER)();
  const left = readdirSync(folder).filter((name) => !/^(format|in-use\..*)$/.test(name));
  assert.deepEqual(left.toSorted(), kept.toSorted());
});

test("later means the same name and a larger number", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (a, b) => {
      assert.equal(isNewerFormat(`assay/x/${a}`, `assay/x/${b}`), a > b && b > 0);
      assert.equal(isNewerFormat(`assay/y/${a}`, `assay/x/${b}`), false);
    }),
  );
  fc.assert(fc.property(fc.anything(), (any) => !isNewerFormat(any, "assay/x/1") || any !== ""));
  assert.equal(isNewerFormat("assay-chain-3", "assay-chain-2"), true);
});
