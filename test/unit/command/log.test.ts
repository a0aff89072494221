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

/** Something to be planted wherever a secret could come along. */
const PLANTED = "abandon abandon abandon about";

test("a planted secret is in no line, whatever it hangs on, and what a person needs is", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "node.log");
  const log = openLog({ name: "miner", level: "info", file, place: () => ({ window: 7, uid: 3 }) });
  const seed = new Uint8Array(32).fill(65);
  const cause = new Error(`no route to ws://me:${PLANTED.replaceAll(" ", "-")}@chain:9944/x`);
  const error = Object.assign(new Error("it failed", { cause }), { fault: { password: PLANTED } });
  const deep = {
    a: [{ b: { secretSeed: PLANTED, keyPassphrase: PLANTED, mnemonicPhrase: PLANTED } }],
  };
  log.warn({ error, deep, seedBytes: seed, key: { bytes: seed } }, "what came");
  log.info({ endpoint: `wss://user:${PLANTED.replaceAll(" ", "")}@host/` });
  log.info(`lost wss://user:${PLANTED.replaceAll(" ", "")}@host/`);
  log.info({ headers: { authorization: PLANTED }, pair: PLANTED, privateKey: PLANTED }, "asked");
  const text = readFileSync(file, "utf8");
  assert.doesNotMatch(text, /abandon|AAAA|65,65|"65":/);
  const [first, ...others] = text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  assert.partialDeepStrictEqual(first, {
    msg: "what came",
    window: 7,
    uid: 3,
    error: { message: "it failed", cause: { message: "no route to ws://***@chain:9944/x" } },
    key: { bytes: "32 bytes" },
  });
  assert.equal(others.length, 3);
});

test("a value that holds itself ends", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "node.log");
  const log = openLog({ name: "miner", level: "info", file });
  const round: Record<string, unknown> = { name: "round" };
  round["self"] = round;
  log.info({ round, big: 5n }, "told");
  assert.partialDeepStrictEqual(JSON.parse(readFileSync(file, "utf8")), { msg: "told", big: 5 });
});
