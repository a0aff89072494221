/** @file A full disk is told apart from other refusals, and each refusal has words. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  DISK_TEXTS,
  fileReason,
  fileRefusal,
  isDiskFull,
  readWholeFile,
  readWholeFileSync,
} from "../../../base/files.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-files-"));
after(() => rmSync(folder, { recursive: true }));
const MODULE = pathToFileURL(join(import.meta.dirname, "../../../base/files.ts")).href;

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

test("a file is read whole, up to its limit and no further", async () => {
  const path = join(folder, "bytes");
  for (const length of [0, 1, 70_000]) {
    const bytes = Buffer.alloc(length, 7);
    writeFileSync(path, bytes);
    assert.deepEqual(await readWholeFile(path, length), bytes);
    assert.deepEqual(readWholeFileSync(path, length), bytes);
    if (length === 0) continue;
    const refused = {
      message: `its ${length} bytes are more than the ${length - 1} that it may have`,
    };
    await assert.rejects(readWholeFile(path, length - 1), refused);
    assert.throws(() => readWholeFileSync(path, length - 1), refused);
  }
});

test("what has no end is refused: devices, folders", async () => {
  const device = /^it is a device, not a file$/;
  for (const path of process.platform === "win32" ? [] : ["/dev/zero", "/dev/null"]) {
    await assert.rejects(readWholeFile(path, 10), { message: device });
    assert.throws(() => readWholeFileSync(path, 10), { message: device });
  }
  const reason = await readWholeFile(folder, 10).catch(fileReason);
  assert.equal(reason, "it is a folder, not a file");
  assert.equal(
    await readWholeFile(join(folder, "none"), 10).catch(fileReason),
    "there is no such file or folder",
  );
});

/** What both readers make of a path that a shell makes, as two lines. */
function inShell(script: string, reader: string, limitBytes = 1_000_000): string {
  const program = `import { ${reader} } from "${MODULE}";
    try { console.log((await ${reader}(process.argv[1], ${limitBytes})).length); }
    catch (error) { console.log(error.message); }`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath, program], {
    cwd: folder,
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

const RUN = `"$0" --input-type=module -e "$1"`;

test(
  "a pipe is read to its end, whenever its writer comes",
  { skip: process.platform === "win32" },
  () => {
    for (const reader of ["readWholeFile", "readWholeFileSync"]) {
      const slow = "echo one; sleep 0.3; head -c 200000 /dev/zero";
      assert.equal(inShell(`${RUN} <(${slow})`, reader), "200004");
      assert.equal(
        inShell(`mkfifo late; (sleep 0.5; echo x > late)& ${RUN} late; rm late`, reader),
        "2",
      );
      assert.equal(
        inShell(`${RUN} <(cat /dev/zero)`, reader, 1000),
        "it has more than the 1000 bytes that it may have",
      );
    }
  },
);

test("a pipe into which nobody writes is given up", { skip: process.platform === "win32" }, () => {
  const both = `mkfifo held never; exec 9<>held; echo x >&9; ${RUN} held & ${RUN} never; wait`;
  assert.deepEqual(inShell(both, "readWholeFile").split("\n").toSorted(), [
    "nothing came out of this pipe in 5 s",
    "this pipe did not end in 5 s",
  ]);
});
