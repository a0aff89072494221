/** @file What a node forgets, and what it never does; a sweep that is killed anywhere is finished by the next. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { type BlobStore, openBlobs } from "../../../src/blobs/directory.ts";
import type { TreeForm } from "../../../src/blobs/tree-files.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { buildDataManifest, parseDataManifest } from "../../../src/data/data-manifest.ts";
import { bytesOf, type Hex } from "../../../src/protocol/digest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { readUpdateHeader, UPDATE_HEADER_BYTES } from "../../../src/protocol/update.ts";
import type { ChainRecord, WindowOutcome } from "../../../src/run/chain-record.ts";
import { type OwnCheckpoint, Retention } from "../../../src/run/retention.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const KEPT = 10;
const EVERY = 3;
const LAST = 40;
const digestAt = (window: number): Hex => `0x${window.toString(16).padStart(64, "0")}`;
const words = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where in a header the byte lies that makes `changed` see another value. */
function placeIn(changed: (header: ReturnType<typeof readUpdateHeader>) => boolean): number {
  for (let at = 0; at < UPDATE_HEADER_BYTES; at++) {
    const bytes = new Uint8Array(UPDATE_HEADER_BYTES);
    bytes[at] = 1;
    if (changed(readUpdateHeader(bytes))) return at;
  }
  throw new Error("no such place");
}

const RUN_AT = placeIn(({ runId }) => !/^0x0*$/.test(runId));
const WINDOW_AT = placeIn(({ window }) => window === 1n);

/** The head of an update of some run and window, which is all that is read of it. */
function updateOf(runId: Hex, window: number, more = ""): Uint8Array {
  const bytes = new Uint8Array(UPDATE_HEADER_BYTES + more.length);
  bytes.set(bytesOf(runId), RUN_AT);
  new DataView(bytes.buffer).setBigUint64(WINDOW_AT, BigInt(window), true);
  bytes.set(words(more), UPDATE_HEADER_BYTES);
  const read = readUpdateHeader(bytes);
  assert.deepEqual([read.runId, read.window], [runId, BigInt(window)]);
  return bytes;
}

/** A node's blobs at the end of window LAST, and what it knows of them. */
class Node {
  readonly blobs = memoryBlobs();
  /** The blobs that are the run itself. */
  readonly ofTheRun: Hex[] = [];
  /** Payload by window. */
  readonly payloads: Hex[] = [];
  readonly unconfirmed = new Set<number>();
  runId: Hex = "0x";
  manifest: RunManifest = EXAMPLE_MANIFEST;
  checkpoints: readonly OwnCheckpoint[] = [];

  /** A process that starts now. */
  process(blobs: BlobStore = this.blobs): Retention {
    const outcome = async (window: number): Promise<WindowOutcome> =>
      stub<WindowOutcome>({ thetaDigest: this.unconfirmed.has(window) ? null : digestAt(window) });
    const run = { runId: this.runId, manifest: this.manifest };
    return new Retention({ run, blobs, record: stub<ChainRecord>({ outcome }) });
  }

  async there(): Promise<ReadonlySet<Hex>> {
    return new Set(await this.blobs.addresses());
  }

  /** Windows of which the payload is there. */
  async payloadWindows(): Promise<number[]> {
    const there = await this.there();
    return this.payloads.flatMap((address, window) => (there.has(address) ? [window] : []));
  }

  async sweep(process: Retention, window: number): Promise<void> {
    this.checkpoints = (await process.sweep(window, () => this.checkpoints)).kept;
  }
}

async function filled(payloadWindows = KEPT): Promise<Node> {
  const node = new Node();
  const [shard, heldOut] = [new Uint8Array(4096).fill(1), new Uint8Array(512).fill(2)];
  const made = { training: shard, heldOut, tokenBytes: 1, vocabulary: 256 } as const;
  const data = buildDataManifest(made, { context: 64, sequencesPerPage: 4 });
  const parts = [shard, heldOut, data.pageDigests, data.manifest, words("theta_0")];
  const [, , , manifest = "0x", genesisCheckpoint = "0x"] = await Promise.all(
    parts.map((bytes) => node.blobs.put(bytes)),
  );
  node.runId = await node.blobs.put(words("the run's manifest"));
  node.ofTheRun.push(...(await node.blobs.addresses()));
  node.manifest = {
    ...EXAMPLE_MANIFEST,
    genesisCheckpoint,
    data: { ...EXAMPLE_MANIFEST.data, manifest },
    retention: { payloadWindows, recordWindows: 0 },
  };
  assert.equal(parseDataManifest(data.manifest).pages, data.pages);
  for (let window = 0; window < LAST; window++)
    node.payloads.push(await node.blobs.put(updateOf(node.runId, window)));
  for (let window = EVERY; window <= LAST; window += EVERY) {
    const address = await node.blobs.put(words(`theta_${window}`));
    node.checkpoints = [...node.checkpoints, { window, address, digest: digestAt(window) }];
  }
  return node;
}

test("old payloads and checkpoints go; the run, recent windows and recent checkpoints stay", async () => {
  const node = await filled();
  await node.sweep(node.process(), LAST);
  const there = await node.there();
  assert.ok(node.ofTheRun.every((address) => there.has(address)));
  assert.deepEqual(await node.payloadWindows(), [30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  assert.deepEqual(
    node.checkpoints.map(({ window }) => window),
    [33, 36, 39],
  );
  assert.ok(node.checkpoints.every(({ address }) => there.has(address)));
});

test("0 keeps every payload, and of the checkpoints the last three and the last two that are confirmed", async () => {
  const node = await filled(0);
  for (const window of [30, 33, 36]) node.unconfirmed.add(window);
  await node.sweep(node.process(), LAST);
  assert.equal((await node.payloadWindows()).length, LAST);
  const kept = node.checkpoints.map(({ window }) => window);
  assert.deepEqual(kept, [27, 33, 36, 39]);
  const there = await node.there();
  assert.ok(node.checkpoints.every(({ address }) => there.has(address)));
  assert.ok(node.ofTheRun.every((address) => there.has(address)));
});

test("a tree that no process knows of goes when the next one begins; two checkpoints may be the same tree", async () => {
  const node = await filled(0);
  const form = { files: [], notes: new Map<string, string>() };
  const stray = await node.blobs.trees.put(form, [words("a checkpoint that was never noted")]);
  const [first, second] = node.checkpoints.slice(-2);
  assert.ok(first && second);
  node.checkpoints = node.checkpoints.map((one) => ({ ...one, address: second.address }));
  const process = node.process();
  await node.sweep(process, LAST);
  assert.equal((await node.there()).has(stray), false);
  assert.ok((await node.there()).has(second.address));
  const later = await node.blobs.trees.put(form, [words("being written")]);
  await node.sweep(process, LAST);
  assert.ok((await node.there()).has(later));
});

const form = (text: string): TreeForm => ({
  files: [{ name: "x", bytes: text.length }],
  notes: new Map(),
});

test("what is stored, adopted or noted while the first sweep waits for the chain stays; only what nobody stands for goes", async () => {
  const path = mkdtempSync(join(tmpdir(), "assay-retention-"));
  try {
    const store = (blobs: BlobStore, text: string): Promise<Hex> =>
      blobs.trees.put(form(text), [words(text)]);
    const node = await filled(0);
    const earlier = openBlobs(path);
    const [stray, again, adopted] = [
      await store(earlier, "killed before it was noted"),
      await store(earlier, "killed before it was noted, and derived again"),
      await store(earlier, "a peer's, that lay here"),
    ];
    const blobs = openBlobs(path);
    let own = node.checkpoints;
    const written: Hex[] = [];
    const outcome = async (window: number): Promise<WindowOutcome> => {
      if (written.length === 0) {
        written.push(await store(blobs, "written meanwhile"));
        await store(blobs, "killed before it was noted, and derived again");
        own = [...own, { window: LAST, address: adopted, digest: digestAt(LAST) }];
      }
      return stub<WindowOutcome>({ thetaDigest: digestAt(window) });
    };
    const run = { runId: node.runId, manifest: node.manifest };
    const retention = new Retention({ run, blobs, record: stub<ChainRecord>({ outcome }) });
    await retention.sweep(LAST, () => own);
    const there = await blobs.trees.addresses();
    assert.deepEqual(there.toSorted(), [again, adopted, ...written].toSorted());
    assert.equal(there.includes(stray), false);
  } finally {
    rmSync(path, { recursive: true });
  }
});

test("while checkpoints are not confirmed, all since the last but one that is stays", async () => {
  const node = await filled();
  for (const window of [15, 18, 21, 24, 27, 30, 33, 36, 39]) node.unconfirmed.add(window);
  await node.sweep(node.process(), LAST);
  assert.equal((await node.payloadWindows())[0], 9);
  assert.equal(node.checkpoints[0]?.window, 9);
  const none = await filled();
  for (let window = 0; window < LAST; window++) none.unconfirmed.add(window);
  await none.sweep(none.process(), LAST);
  const left = (await none.payloadWindows()).length;
  assert.equal(left, LAST, "theta_0 may be where everybody begins again");
  const there = await none.there();
  assert.ok(none.ofTheRun.every((address) => there.has(address)));
});

test("what a stranger committed, or another run left, goes after its time, whatever it says of itself", async () => {
  const node = await filled();
  const process = node.process();
  await node.sweep(process, LAST);
  const junk = await Promise.all([
    node.blobs.put(updateOf(node.runId, Number.MAX_SAFE_INTEGER)),
    node.blobs.put(updateOf(node.runId, 0, "old by its own word")),
    node.blobs.put(updateOf(digestAt(7), 5)),
    node.blobs.put(words("no update")),
  ]);
  const later = async (window: number): Promise<boolean> => {
    const address = await node.blobs.put(words(`theta_${window}`));
    node.checkpoints = [...node.checkpoints, { window, address, digest: digestAt(window) }];
    await node.sweep(process, window + 1);
    const there = await node.there();
    return junk.every((one) => there.has(one));
  };
  assert.equal(await later(LAST + 2), true);
  assert.equal(await later(LAST + 8), true);
  assert.equal(await later(LAST + 20), false);
  const there = await node.there();
  assert.ok(junk.every((one) => !there.has(one)));
  assert.ok(node.ofTheRun.every((address) => there.has(address)));
});

test("killed between any two deletions: nothing kept is touched, and the next process ends the same", async () => {
  const whole = await filled();
  await whole.sweep(whole.process(), LAST);
  const expected = [...(await whole.there())].toSorted();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 45 }), async (until) => {
      const node = await filled();
      let left = until;
      const dying: BlobStore = {
        ...node.blobs,
        delete: async (address) => {
          if (left-- === 0) throw new Error("killed");
          await node.blobs.delete(address);
        },
      };
      await node
        .process(dying)
        .sweep(LAST, () => node.checkpoints)
        .catch(() => null);
      const there = await node.there();
      assert.ok(expected.every((address) => there.has(address)));
      await node.sweep(node.process(), LAST);
      assert.deepEqual([...(await node.there())].toSorted(), expected);
    }),
    { numRuns: 46 },
  );
});
