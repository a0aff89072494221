/** @file What a native chain cannot do is refused before anything starts; a program of others is started and watched like ours. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { authorityKeys } from "../../../chain/native/authority-keys.ts";
import { isAssayError } from "../../../src/errors.ts";
import {
  answering,
  blockMsOf,
  requireChain,
  writeSpec,
} from "../../../subnet/localnet/native-chain.ts";
import { GENESIS_FILE, SPEC_FILE } from "../../../subnet/localnet/run-folder.ts";
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

test("without the node's program a new run leaves no folder behind", () => {
  const output = join(folder, "runs");
  const main = fileURLToPath(new URL("../../../subnet/main.ts", import.meta.url));
  const words = [main, "localnet", "--chain", "native", "--output", output];
  const env = { ...process.env, ASSAY_NODE: join(folder, "none") };
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.match(stderr, /native node is not built/);
  assert.ok(!existsSync(output));
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

test("a run that goes on keeps the spec that it began with, and its genesis is whatever that says", async () => {
  const keys = ["//Alice", "//Bob"].map((name) => authorityKeys(name));
  writeFileSync(join(folder, GENESIS_FILE), "{}");
  assert.match((await writeSpec(folder, 1000, keys)) ?? "", /^0x[0-9a-f]{64}$/);
  assert.ok(existsSync(join(folder, SPEC_FILE)));
  writeFileSync(join(folder, SPEC_FILE), "of an older runtime");
  assert.equal(await writeSpec(folder, 1000, keys), undefined);
  assert.equal(readFileSync(join(folder, SPEC_FILE), "utf8"), "of an older runtime");
});

test("another block time is refused where the chain's is in its genesis", () => {
  const native = { chain: "native", blockMs: 2000 } as const;
  assert.deepEqual([blockMsOf(native, undefined), blockMsOf(native, 2000)], [2000, 2000]);
  assert.throws(() => blockMsOf(native, 500), refused(/--block-ms 500: .*every 2000 ms/));
  const embedded = { chain: "embedded", blockMs: 100 } as const;
  assert.deepEqual([blockMsOf(embedded, undefined), blockMsOf(embedded, 500)], [100, 500]);
});

test("whoever has the port is no node until it says how a node is", async (t) => {
  const health = { isSyncing: false, peers: 3, shouldHavePeers: true };
  const answers = [
    "<html>welcome</html>",
    "[]",
    "x".repeat(1 << 17),
    JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -1, message: "no" } }),
    JSON.stringify({ jsonrpc: "2.0", id: 1, result: health }),
  ];
  let asked = 0;
  const server = createServer((_request, response) => response.end(answers[asked++]));
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const words = ["-e", "setInterval(() => {}, 1000)"];
  const running = startProgram(process.execPath, words, {
    name: "node",
    logPath: join(folder, "node.log"),
  });
  t.after(() => running.stop(20_000));
  await answering(running, address.port, AbortSignal.timeout(20_000));
  assert.equal(asked, answers.length);
});
