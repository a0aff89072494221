/** @file A folder belongs to one process: the second is refused, and a killed one leaves nothing behind. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { claimFolder, occupantOf } from "../../../src/disk/folder-claim.ts";
import { NODE_FOLDER } from "../../../src/disk/folder-format.ts";
import { isAssayError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-claim-"));
after(() => rmSync(folder, { recursive: true }));
const inUse = (error: unknown): boolean => isAssayError(error, "state-in-use");

test("a second claim is refused until the first is let go", () => {
  const release = claimFolder(folder, NODE_FOLDER);
  assert.throws(() => claimFolder(folder, NODE_FOLDER), inUse);
  release();
  claimFolder(folder, NODE_FOLDER)();
});

test("another process's claim holds while it lives, and ends with it, however it ends", async (t) => {
  const module = new URL("../../../src/disk/folder-claim.ts", import.meta.url).href;
  const script = `(await import(${JSON.stringify(module)})).claimFolder(${JSON.stringify(folder)}, { name: "assay/node-folder", steps: [] }); globalThis.gc(); console.log("mine"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  assert.throws(
    () => claimFolder(folder, NODE_FOLDER),
    (error) => inUse(error) && String(error).includes(`Process ${child.pid} works in`),
  );
  child.kill("SIGKILL");
  await ended;
  claimFolder(folder, NODE_FOLDER)();
});

test("who looks at a folder keeps nobody from claiming it", async (t) => {
  const path = JSON.stringify(join(folder, "in-use.lock"));
  // As an older release looks, and longer.
  const script = `const { DatabaseSync } = await import("node:sqlite"); const wait = new Int32Array(new SharedArrayBuffer(4)); for (;;) { const database = new DatabaseSync(${path}, { timeout: 0 }); try { database.exec("BEGIN EXCLUSIVE"); console.log("looks"); Atomics.wait(wait, 0, 0, 20); } catch {} database.close(); Atomics.wait(wait, 0, 0, 20); }`;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => child.stdout.once("data", resolve));
    claimFolder(folder, NODE_FOLDER)();
  }
});

test("looks at once do not take each other for an occupant, and a lock that cannot be read is none", () => {
  const place = join(folder, "seen");
  mkdirSync(place);
  claimFolder(place, NODE_FOLDER)();
  const other = new DatabaseSync(join(place, "in-use.lock"), { readOnly: true });
  try {
    other.exec("BEGIN; SELECT 1 FROM sqlite_schema");
    assert.equal(occupantOf(place), null);
  } finally {
    other.close();
  }
  const odd = join(folder, "odd");
  mkdirSync(join(odd, "in-use.lock"), { recursive: true });
  assert.equal(occupantOf(odd), null);
});

test("drafts of files are cleared away; a folder of such a name stays, and the claim is made", () => {
  const place = join(folder, "drafts");
  mkdirSync(join(place, "backup.0123abcd.tmp", "inner"), { recursive: true });
  writeFileSync(join(place, "state.json.89abcdef.tmp"), "half");
  claimFolder(place, NODE_FOLDER)();
  assert.equal(existsSync(join(place, "backup.0123abcd.tmp", "inner")), true);
  assert.equal(existsSync(join(place, "state.json.89abcdef.tmp")), false);
});
