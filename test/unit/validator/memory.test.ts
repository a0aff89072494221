/** @file A validator's memory: it survives a restart, and damage is reported instead of forgotten. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import type { FaultCode } from "../../../src/faults.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import { bodyOf, type Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { hexFloat } from "../../../src/protocol/hex-float.ts";
import { chainRecord } from "../../../src/protocol/record.ts";
import type { Run } from "../../../src/run/run.ts";
import { Memory } from "../../../validator/memory.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";
import { quietWindow } from "./quiet-window.ts";

const OVERLAP_WINDOWS = EXAMPLE_MANIFEST.scoring.overlapWindows;
const root = mkdtempSync(join(tmpdir(), "assay-validator-"));
after(() => rmSync(root, { recursive: true }));
const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;

let folders = 0;
function newFolder(): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  return folder;
}

/** A fresh process of the validator whose state lies in `folder`. */
function open(folder: string): Memory {
  const run = stub<Run>({ runId: hash("02"), manifest: EXAMPLE_MANIFEST });
  return new Memory(run, { folder, blobs: stub<BlobStore>({ get: async () => null }) });
}

/** Saves `windows` quiet windows and returns the folder with the path of the log. */
async function savedLog(windows: number): Promise<{ folder: string; log: string; head: Hex }> {
  const folder = newFolder();
  const state = open(folder);
  for (let window = 0; window < windows; window++)
    await state.save(chainRecord(state.recordHead, quietWindow(window)));
  const name = readdirSync(folder).find((one) => one.endsWith(".jsonl")) ?? "";
  return { folder, log: join(folder, name), head: state.recordHead };
}

function refusesToStart(folder: string, code: FaultCode): Promise<void> {
  return assert.rejects(open(folder).restore(OVERLAP_WINDOWS), (error) =>
    isAssayError(error, code),
  );
}

test("the first start finds nothing and begins a log", async () => {
  const state = open(newFolder());
  await state.restore(OVERLAP_WINDOWS);
  assert.equal(state.records.size, 0);
  assert.equal(state.released, -1);
});

test("records, their lines and the head come back after a restart", async () => {
  const { folder, log, head } = await savedLog(3);
  const state = open(folder);
  await state.restore(OVERLAP_WINDOWS);
  assert.equal(state.recordHead, head);
  assert.deepEqual(state.records.windows, [0, 1, 2]);
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    state.records.windows.map((window) => state.records.get(window)?.line),
    lines,
  );
  await state.save(chainRecord(state.recordHead, quietWindow(3)));
  const again = open(folder);
  await again.restore(OVERLAP_WINDOWS);
  assert.equal(again.records.size, 4);
});

test("a line that a crash cut short is dropped, wherever it was cut", async () => {
  const { folder, log } = await savedLog(2);
  const text = readFileSync(log, "utf8");
  const second = text.indexOf("\n") + 1;
  for (const end of [1, 40, second - 1, second + 1, second + 40, text.length - 1]) {
    writeFileSync(log, text.slice(0, end));
    const whole = end < second ? 0 : 1;
    for (const start of ["first", "second"]) {
      const state = open(folder);
      await state.restore(OVERLAP_WINDOWS);
      assert.equal(state.records.size, whole, `cut at ${end}, ${start} start`);
      assert.equal(state.hasJudged(0), whole === 1);
    }
    assert.equal(readFileSync(log, "utf8"), text.slice(0, whole * second));
  }
});

test("a changed line is record-corrupt, never skipped", async () => {
  const { folder, log } = await savedLog(2);
  const text = readFileSync(log, "utf8");
  writeFileSync(log, text.replace('"netuid":3', '"netuid":4'));
  await refusesToStart(folder, "record-corrupt");
  assert.notEqual(readFileSync(log, "utf8"), "");
});

test("a damaged scorebook is state-corrupt; an unreadable file is an error, not an empty one", async () => {
  const { folder, log } = await savedLog(1);
  const book = readdirSync(folder).find((one) => one.startsWith("scorebook")) ?? "";
  writeFileSync(join(folder, book), "{");
  await refusesToStart(folder, "state-corrupt");
  rmSync(log);
  mkdirSync(log);
  await assert.rejects(open(folder).restore(OVERLAP_WINDOWS), { code: "EISDIR" });
});

test("fingerprints grow old and go, the digests of bodies stay", () => {
  const state = open(newFolder());
  const fingerprintOf = (window: number): Fingerprint => ({
    hotkey: hash("07"),
    window,
    uid: 3,
    norms: [],
    bodyDigest: `0x${window.toString(16).padStart(64, "0")}`,
    indices: [],
  });
  for (let window = 0; window < 40; window++)
    state.work.add(fingerprintOf(window), OVERLAP_WINDOWS);
  const kept = state.work.fingerprints.map((one) => one.window);
  assert.equal(Math.max(...kept), 39);
  assert.equal(Math.min(...kept), 39 - OVERLAP_WINDOWS - 8);
  assert.equal(state.work.bodies.size, 40);
  const { bodyDigest } = fingerprintOf(0);
  const second = { ...fingerprintOf(39), bodyDigest, hotkey: hash("09") };
  for (let time = 0; time < 2; time++) state.work.add(second, OVERLAP_WINDOWS);
  assert.deepEqual(
    state.work.bodies.get(bodyDigest),
    [
      { hotkey: hash("07"), window: 0 },
      { hotkey: hash("09"), window: 39 },
    ],
    "every sending once",
  );
});

const payloadOf = (window: number): Uint8Array => new Uint8Array(200).fill(window);

test("after a restart the bodies of old updates are known, and none of them is decoded again", async () => {
  const folder = newFolder();
  const state = open(folder);
  const payloads = new Map(
    Array.from({ length: 40 }, (_, window) => [blake2b256(payloadOf(window)), payloadOf(window)]),
  );
  for (let window = 0; window < 40; window++) {
    const nothing = { trust: hexFloat(0), multiplier: hexFloat(0), final: hexFloat(0), weight: 0 };
    const miner = {
      uid: 3,
      hotkey: hash("07"),
      commitBlock: window,
      payloadDigest: blake2b256(payloadOf(window)),
      payloadBytes: 200,
      verdict: "accepted",
      detail: "",
      losses: null,
      rating: null,
      ...nothing,
    };
    await state.save(chainRecord(state.recordHead, { ...quietWindow(window), miners: [miner] }));
  }
  const decoded: number[] = [];
  const run = stub<Run>({
    runId: hash("02"),
    manifest: EXAMPLE_MANIFEST,
    get updateLayout() {
      decoded.push(1);
      return { lengths: [4], k: 1, chunk: 4 };
    },
  });
  const asked: Hex[] = [];
  const blobs = stub<BlobStore>({
    get: async (address: Hex) => {
      asked.push(address);
      return payloads.get(address) ?? null;
    },
  });
  const again = new Memory(run, { folder, blobs });
  await again.restore(OVERLAP_WINDOWS);
  assert.equal(asked.length, 40);
  const kept = OVERLAP_WINDOWS + 8 + 1;
  assert.equal(decoded.length, kept, "of the windows that others' work is compared with");
  // Those that were decoded are no updates here.
  assert.equal(again.work.bodies.size, 40 - kept);
  for (let window = 0; window < 40 - kept; window++)
    assert.deepEqual(again.work.bodies.get(blake2b256(bodyOf(payloadOf(window)))), [
      { hotkey: hash("07"), window },
    ]);
});

test("usual norms are those of the last applied set, if it is not too long ago", () => {
  const { work } = open(newFolder());
  const sent = (window: number, byte: string, norms: number[]): void =>
    work.add(
      { hotkey: hash(byte), uid: 3, window, bodyDigest: hash(byte), indices: [], norms },
      OVERLAP_WINDOWS,
    );
  assert.equal(work.usualNorms(5, OVERLAP_WINDOWS), null);
  for (const [byte, norms] of [
    ["01", [1, 30]],
    ["02", [2, 20]],
    ["03", [3, 10]],
    ["04", [900, 900]],
  ] as const)
    sent(4, byte, [...norms]);
  work.setApplied(4, [hash("01"), hash("02"), hash("03")]);
  sent(5, "05", [7, 7]);
  work.setApplied(5, []);
  const usual = { window: 4, norms: [2, 20] };
  for (const now of [5, 6, 4 + OVERLAP_WINDOWS + 8])
    assert.deepEqual(work.usualNorms(now, OVERLAP_WINDOWS), usual);
  assert.equal(work.usualNorms(5 + OVERLAP_WINDOWS + 8, OVERLAP_WINDOWS), null);
  assert.ok(work.isApplied({ window: 4, hotkey: hash("02") }));
  assert.ok(!work.isApplied({ window: 4, hotkey: hash("04") }));
  work.setApplied(4, []);
  assert.equal(work.usualNorms(6, OVERLAP_WINDOWS), null, "void: nothing was applied");
});

test("a record is served once its weights are on chain, or two windows later", async () => {
  const { folder } = await savedLog(3);
  const state = open(folder);
  await state.restore(OVERLAP_WINDOWS);
  const served = (): number[] => [0, 1, 2, 3, 4].filter((window) => state.served(window) !== null);
  assert.deepEqual(served(), [0, 1], "the newest may not have been sent before the restart");
  await state.save(chainRecord(state.recordHead, quietWindow(3)));
  assert.deepEqual(served(), [0, 1]);
  state.release(2);
  assert.deepEqual(served(), [0, 1, 2]);
  await state.save(chainRecord(state.recordHead, quietWindow(4)));
  assert.deepEqual(served(), [0, 1, 2]);
  state.release(Number.POSITIVE_INFINITY);
  assert.deepEqual(served(), [0, 1, 2, 3, 4]);
});

test("where weights are hidden a record is served once it is released, however long that takes", async () => {
  const state = open(newFolder());
  const served = (): number[] => [0, 1, 2, 3, 4].filter((window) => state.served(window) !== null);
  const save = async (window: number): Promise<void> =>
    state.save(chainRecord(state.recordHead, quietWindow(window)));
  await save(0);
  state.release(0);
  state.hide(state.released);
  for (let window = 1; window < 5; window++) await save(window);
  assert.deepEqual(served(), [0]);
  state.release(2);
  assert.deepEqual(served(), [0, 1, 2]);
  state.hide(1);
  assert.deepEqual(served(), [0, 1], "as an earlier process left it");
  state.unhide();
  assert.deepEqual(served(), [0, 1, 2]);
});

test("without weights on chain a record is held for two windows, not for ever", async () => {
  const state = open(newFolder());
  for (let window = 0; window < 4; window++) {
    await state.save(chainRecord(state.recordHead, quietWindow(window)));
    assert.equal(state.served(window), null);
    assert.equal(state.served(window - 1), null);
  }
  assert.notEqual(state.served(1), null);
  assert.equal(state.served(7), null);
});

test("records whose weights wait to go out unseen are not served before, however old they are", async () => {
  const state = open(newFolder());
  for (let window = 0; window < 6; window++) {
    state.hold(window);
    await state.save(chainRecord(state.recordHead, quietWindow(window)));
  }
  const served = (): number[] => [0, 1, 2, 3, 4, 5].filter((window) => state.served(window));
  assert.deepEqual(served(), []);
  state.release(2);
  assert.deepEqual(served(), [0, 1, 2]);
  // Those of 3 and 4 were refused: two windows later everybody may see them all the same.
  state.forgo(4);
  assert.deepEqual(served(), [0, 1, 2, 3]);
});
