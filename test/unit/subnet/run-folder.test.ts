/** @file A run's folder: what is needed to go on, and what stays when only the record is kept. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isAssayError } from "../../../src/errors.ts";
import { requireUnoccupied } from "../../../subnet/localnet/occupants.ts";
import {
  keepRecordOnly,
  newRunFolder,
  OWNER_BLOBS,
  readProgress,
  readRun,
  WALLETS,
  writeProgress,
  writeRun,
} from "../../../subnet/localnet/run-folder.ts";

const home = mkdtempSync(join(tmpdir(), "assay-folder-"));
after(() => rmSync(home, { recursive: true }));

const RUN = {
  runId: `0x${"01".repeat(32)}`,
  netuid: 1,
  port: 9944,
  miners: 4,
  validators: 2,
  attack: "copy,noise",
  blockMs: 100,
  device: "cpu",
} as const;

test("what a run was started as is read back; a folder without one is refused with what it is", async () => {
  const folder = await newRunFolder(home);
  assert.throws(
    () => readRun(folder),
    (error) => isAssayError(error, "bad-option") && /no run that has begun/.test(error.message),
  );
  await writeRun(folder, RUN);
  const { format: _format, ...read } = readRun(folder);
  assert.deepEqual(
    read,
    {
      ...RUN,
      partTime: "none",
      missPercent: 0,
      shield: true,
      chain: "embedded",
      pruning: "archive",
    },
    "as runs of before",
  );
  const own = { missPercent: 5, shield: false, pruning: "256", chain: "native" } as const;
  const tested = { ...RUN, partTime: "steps-0.5", ...own };
  await writeRun(folder, tested);
  const { format: _same, ...again } = readRun(folder);
  assert.deepEqual(again, tested);
  writeFileSync(join(folder, "localnet.json"), '{"format":"assay/localnet/1"}');
  assert.throws(() => readRun(folder));
});

test("progress survives, and a damaged file counts as the beginning", async () => {
  const folder = await newRunFolder(join(home, "progress"));
  assert.deepEqual(readProgress(folder), { seconds: 0, peakRssBytes: 0, heldOut: [] });
  const progress = { seconds: 12.5, peakRssBytes: 7, heldOut: [{ window: 3, loss: 2.25 }] };
  await writeProgress(folder, progress);
  assert.deepEqual(readProgress(folder), progress);
  writeFileSync(join(folder, "progress.json"), '{"seconds":');
  assert.equal(readProgress(folder).seconds, 0);
});

test("keeping the record only loses no blob, no record, no chain", async () => {
  const folder = await newRunFolder(join(home, "record"));
  const node = join(folder, "nodes", "5Abc");
  for (const place of [join(folder, OWNER_BLOBS), join(node, "blobs")])
    mkdirSync(join(place, "trees", "shared"), { recursive: true });
  mkdirSync(join(node, "blobs", "trees", "other"));
  const put = (...path: string[]): void => writeFileSync(join(folder, ...path), "x");
  put("chain.sqlite");
  put(WALLETS, "secret");
  put(OWNER_BLOBS, "shared");
  put("nodes", "5Abc", "blobs", "shared");
  put("nodes", "5Abc", "blobs", "rejected");
  put(OWNER_BLOBS, "trees", "shared", "model.safetensors");
  put("nodes", "5Abc", "blobs", "trees", "shared", "model.safetensors");
  put("nodes", "5Abc", "blobs", "trees", "other", "model.safetensors");
  put("nodes", "5Abc", "records-1.jsonl");
  put("nodes", "5Abc", "state.json");
  put("nodes", "5Abc", "moments.bin");
  put("nodes", "5Abc", "unsettled.bin");
  await keepRecordOnly(folder);
  const left = (...path: string[]): boolean => existsSync(join(folder, ...path));
  assert.ok(left("chain.sqlite"));
  assert.ok(left(OWNER_BLOBS, "shared"));
  assert.ok(left("nodes", "5Abc", "blobs", "rejected"), "nobody else has it");
  assert.ok(left("nodes", "5Abc", "records-1.jsonl"));
  assert.ok(left("nodes", "5Abc", "state.json"));
  assert.ok(!left("nodes", "5Abc", "blobs", "shared"));
  assert.ok(!left("nodes", "5Abc", "blobs", "trees", "shared"));
  assert.ok(left("nodes", "5Abc", "blobs", "trees", "other", "model.safetensors"));
  assert.ok(left(OWNER_BLOBS, "trees", "shared", "model.safetensors"));
  assert.ok(!left("nodes", "5Abc", "moments.bin"));
  assert.ok(!left("nodes", "5Abc", "unsettled.bin"));
  assert.ok(!left(WALLETS));
  await keepRecordOnly(join(home, "nothing here"));
});

test("a process that works in the folder is waited for; one with its pid but elsewhere is not", async (t) => {
  if (process.platform !== "linux") return t.skip("command lines are read from /proc");
  const folder = await newRunFolder(join(home, "busy"));
  const { signal } = new AbortController();
  await requireUnoccupied(folder, signal);
  const script = "setTimeout(() => undefined, 1200)";
  const busy = spawn(process.execPath, ["-e", script, folder]);
  // /proc knows of an end before this process is told.
  const ended = once(busy, "exit").then(() => true);
  const elsewhere = spawn(process.execPath, ["-e", "setTimeout(() => undefined, 60000)"]);
  t.after(() => elsewhere.kill());
  const pids = [busy.pid, elsewhere.pid];
  writeFileSync(join(folder, "nodes.json"), JSON.stringify({ pids }));
  const started = performance.now();
  await requireUnoccupied(folder, signal);
  assert.ok(await Promise.race([ended, sleep(10_000, false, { ref: false })]), "it had ended");
  assert.ok(performance.now() - started < 10_000, "the other one was not waited for");
});
