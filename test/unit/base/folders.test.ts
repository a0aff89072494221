/** @file Folders on the way to a file: made once each, refused in words of the system. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { makeFolder } from "../../../base/folders.ts";

const root = mkdtempSync(join(tmpdir(), "assay-folders-"));
after(() => rmSync(root, { recursive: true }));

test("every missing folder is made with its permissions, and what is there stays", () => {
  const deep = join(root, "a", "b", "c");
  makeFolder(deep, 0o700);
  assert.equal(statSync(join(root, "a")).mode & 0o777, 0o700);
  writeFileSync(join(deep, "kept"), "");
  makeFolder(deep);
  makeFolder(relative(process.cwd(), deep));
  assert.ok(existsSync(join(deep, "kept")));
  symlinkSync(join(root, "a"), join(root, "link"));
  makeFolder(join(root, "link", "d"));
  assert.ok(statSync(join(root, "a", "d")).isDirectory());
});

test("a file on the way, and a file system that makes no folders, are refused at once", () => {
  writeFileSync(join(root, "file"), "");
  assert.throws(() => makeFolder(join(root, "file")), { code: "EEXIST" });
  assert.throws(() => makeFolder(join(root, "file", "below")), { code: /^(ENOTDIR|EEXIST)$/ });
  assert.throws(() => makeFolder("/proc/none/below"), { code: /^(ENOENT|EROFS|EACCES|EPERM)$/ });
  assert.throws(() => makeFolder("\0"), { code: "ERR_INVALID_ARG_VALUE" });
});
