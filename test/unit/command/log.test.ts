/** @file Logs: JSON lines in their file, secrets nowhere. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLog } from "../../../src/command/log.ts";

test("what could be a secret is removed, the level holds, the folder is made", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "deep", "node.log");
  const log = openLog({ name: "miner", level: "info", file });
  const secret = "correct horse battery staple";
  log.info({ password: secret, wallet: { mnemonic: secret, seed: secret, name: "w" } }, "opened");
  log.info({ seed: secret, signer: { pair: secret } }, "again");
  log.debug("too quiet");
  const text = readFileSync(file, "utf8");
  assert.ok(!text.includes(secret));
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  const first: unknown = JSON.parse(lines[0] ?? "");
  assert.partialDeepStrictEqual(first, { name: "miner", msg: "opened", wallet: { name: "w" } });
});

test("a log on a full disk costs its lines and nothing else", async (t) => {
  if (process.platform !== "linux") return t.skip("there is no /dev/full here");
  const log = openLog({ name: "miner", level: "info", file: "/dev/full" });
  const text = "x".repeat(10_000);
  const before = process.memoryUsage().rss;
  for (let index = 0; index < 5000; index++) log.info(text);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(
    process.memoryUsage().rss - before < 30_000_000,
    "what is not written is not kept for ever",
  );
});
