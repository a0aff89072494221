/** @file What a native chain cannot do is refused before anything starts; a program of others is started and watched like ours. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import { requireChain } from "../../../subnet/localnet/native-chain.ts";
import { startProgram } from "../../../subnet/spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-native-"));
after(() => rmSync(folder, { recursive: true }));

const WANTED = { chain: "native", blockMs: 1000, pruning: "archive" } as const;

function refused(words: RegExp): (error: unknown) => boolean {
  return (error) => isAssayError(error, "bad-option") && words.test(error.message);
}

test("without the node's program, with blocks too short for it, or with states that it cannot choose", (t) => {
  const before = process.env["ASSAY_NODE"];
  t.after(() => {
    if (before === undefined) delete process.env["ASSAY_NODE"];
    else process.env["ASSAY_NODE"] = before;
  });
  process.env["ASSAY_NODE"] = join(folder, "none");
  assert.throws(() => requireChain(WANTED), refused(/native node is not built/));
  requireChain({ ...WANTED, chain: "embedded", blockMs: 20, pruning: "4800" });
  process.env["ASSAY_NODE"] = process.execPath;
  requireChain(WANTED);
  requireChain({ ...WANTED, pruning: "256" });
  assert.throws(() => requireChain({ ...WANTED, blockMs: 249 }), refused(/--block-ms 249/));
  assert.throws(() => requireChain({ ...WANTED, pruning: "4800" }), refused(/--pruning 4800/));
});

test("a program of others writes into its log, is told to end, and how it ended is known", async () => {
  const logPath = join(folder, "x.log");
  const code =
    "console.log('here'); setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(3))";
  const running = startProgram(process.execPath, ["-e", code], { name: "x", logPath });
  assert.equal(running.ended(), null);
  while (!readFileSync(logPath, "utf8").includes("here"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await running.stop(20_000);
  assert.deepEqual(running.ended(), { exitCode: 3, signal: null });
  assert.deepEqual([await running.exited, await running.ready, running.failure()], [3, null, null]);
});
