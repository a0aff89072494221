/** @file A full disk is told apart from other refusals, and each refusal has words. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DISK_TEXTS, fileReason, fileRefusal, isDiskFull } from "../../../base/files.ts";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: x`), { code });

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("no space, a limit on files and a used-up share are a full disk", () => {
  for (const code of ["ENOSPC", "EFBIG", "EDQUOT"]) assert.ok(isDiskFull(systemError(code)));
  for (const code of ["EACCES", "EIO"]) assert.ok(!isDiskFull(systemError(code)));
  assert.match(DISK_TEXTS["disk-full"]({ code: "disk-full", path: "/x" }).cause, /\/x.*intact/);
});

test("real refusals of the system are told in words", () => {
  const absent = thrownBy(() => readFileSync(join(tmpdir(), "assay-absent-file")));
  assert.equal(fileRefusal(absent), "there is no such file or folder");
  assert.equal(fileReason(thrownBy(() => readFileSync(tmpdir()))), "it is a folder, not a file");
  assert.equal(fileRefusal(systemError("EIO")), null);
  assert.equal(fileReason(systemError("EIO")), "EIO: x");
});
