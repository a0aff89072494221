/** @file A folder belongs to one process: the second is refused, and a killed one leaves nothing behind. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { claimFolder } from "../../../src/disk/folder-claim.ts";
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
