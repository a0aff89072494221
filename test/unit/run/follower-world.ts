/** @file The world around a follower, in memory: a run of twenty numbers, votes and blobs that a test puts there. */
import type { Head } from "../../../chain/client/client.ts";
import type { Engine } from "../../../kernels/engine/engine.ts";
import { layoutOf } from "../../../kernels/nn/model.ts";
import type { Checkpoint } from "../../../src/api/types.ts";
import { type BlobStore, refuseOversized } from "../../../src/blobs/directory.ts";
import { memoryTrees } from "../../../src/blobs/memory-trees.ts";
import { AssayError } from "../../../src/errors.ts";
import { keptOfTensor, type SparseUpdate } from "../../../src/protocol/codec.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import {
  blake2b256Bytes,
  type Hex,
  thetaDigest,
  updateDigest,
} from "../../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../../src/protocol/update.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import { Follower, type FollowerParts } from "../../../src/run/follower.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { ChainRecord, WindowOutcome } from "../../../src/run/chain-record.ts";
import { encodeCheckpoint, tensorsOf } from "../../../src/checkpoint/checkpoint.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { stub } from "../stub.ts";

const RUN_ID: Hex = `0x${"0a".repeat(32)}`;
const HOTKEY: Hex = `0x${"0b".repeat(32)}`;
export const LAYOUT = layoutOf([{ name: "w", shape: [4, 5], decay: true }]);
const CODEC = { ...EXAMPLE_MANIFEST.codec, lengths: LAYOUT.lengths };
export const clock = windowClock(EXAMPLE_MANIFEST);

export const thetaWith = (value: number): Float32Array =>
  new Float32Array(LAYOUT.total).fill(value, 0, 20);
export const digestWith = (value: number): Hex =>
  thetaDigest(RUN_ID, tensorsOf(LAYOUT, thetaWith(value)));
const GENESIS_BYTES = encodeCheckpoint(LAYOUT, thetaWith(0));
export const MANIFEST = { ...EXAMPLE_MANIFEST, genesisCheckpoint: treeAddress(GENESIS_BYTES) };

const headOf = (number: number): Head => ({ number, hash: "0x00" });

/** A run whose model is one tensor of twenty numbers. */
function tinyRun(): Run {
  return stub<Run>({
    runId: RUN_ID,
    genesis: RUN_ID,
    manifest: MANIFEST,
    clock,
    layout: LAYOUT,
    sharedLayout: LAYOUT,
    updateLayout: CODEC,
    maximumUpdateBytes: 1 << 16,
    expectedHeader: (window, hotkey, baseDigest) => ({
      genesis: RUN_ID,
      runId: RUN_ID,
      netuid: MANIFEST.netuid,
      window,
      hotkey,
      baseDigest,
    }),
  });
}

/** The world around a follower. The engine's outer step adds 1 per accepted update to every parameter. */
export class World {
  readonly blobs = new Map<Hex, Uint8Array>([[MANIFEST.genesisCheckpoint, GENESIS_BYTES]]);
  readonly outcomes = new Map<number, Partial<WindowOutcome>>();
  readonly steps: number[] = [];
  readonly saved: Checkpoint[] = [];
  theta = new Float32Array(LAYOUT.total);
  now = clock.startBlock(0);

  /** @param more - `onMissing` as that of a running node; an auditor has none */
  follower(more: Pick<FollowerParts, "onMissing" | "onDissent"> = {}): Follower {
    const find = async (address: Hex): Promise<Uint8Array | null> =>
      this.blobs.get(address) ?? null;
    const now = (): Head => headOf(this.now);
    const trees = memoryTrees(this.blobs);
    return new Follower({
      run: tinyRun(),
      engine: stub<Engine>({
        setParameters: async (theta) => void (this.theta = theta.slice()),
        parameters: async () => this.theta.slice(),
        tensorDigests: async () =>
          tensorsOf(LAYOUT, this.theta).map((tensor) =>
            blake2b256Bytes(new Uint8Array(tensor.slice().buffer)),
          ),
        outerStep: async ({ updates }) => {
          this.steps.push(updates.length);
          this.theta = this.theta.map((value, index) => (index < 20 ? value + updates.length : 0));
        },
      }),
      subnet: stub<Subnet>({
        blocks: stub<BlockClock>({
          get current() {
            return now();
          },
          reached: async (block) => headOf(Math.max(block, this.now)),
        }),
        finder: stub<BlobFinder>({
          axons: async () => new Map(),
          tryFind: find,
          findTree: async (address) => (await trees.list(address)) !== null,
          find: async (address, { limitBytes }) => {
            await new Promise((resolve) => setImmediate(resolve));
            const bytes = await find(address);
            // As the finder refuses it, which does not read the bytes.
            refuseOversized(address, bytes?.length ?? 0, limitBytes);
            if (bytes === null) throw new AssayError({ code: "blob-missing", digest: address });
            return bytes;
          },
        }),
        blobs: stub<BlobStore>({ trees }),
      }),
      record: stub<ChainRecord>({
        outcome: async (window) =>
          stub<WindowOutcome>({
            window,
            thetaDigest: null,
            accepted: [],
            ...this.outcomes.get(window),
          }),
      }),
      keep: async (checkpoint) => void this.saved.push(checkpoint),
      log: { info: () => undefined, warn: () => undefined },
      signal: new AbortController().signal,
      ...more,
    });
  }

  /** Puts a payload for `window` made on `base` into the world and accepts it. */
  accept(window: number, base: Hex, spoil = false): void {
    const kept = keptOfTensor(20, CODEC.k, CODEC.chunk);
    const update: SparseUpdate = [
      {
        indices: Uint32Array.from({ length: kept }, (_, index) => index),
        values: new Float32Array(kept).fill(1),
      },
    ];
    const header = { genesis: RUN_ID, runId: RUN_ID, netuid: MANIFEST.netuid, hotkey: HOTKEY };
    const counts = { window: BigInt(window) };
    const bytes = encodeWholeUpdate({ ...header, ...counts, baseDigest: base }, update, CODEC);
    if (spoil) bytes[0] = 0;
    const digest = updateDigest(bytes);
    this.blobs.set(digest, bytes);
    const before = this.outcomes.get(window)?.accepted ?? [];
    const accepted = [...before, { uid: 2 + before.length, hotkey: HOTKEY, digest, block: 1 }];
    this.outcomes.set(window, { accepted, thetaDigest: base });
  }

  /** A checkpoint of theta = `value` at `window`, which the votes of that window confirm or not. */
  checkpoint(window: number, value: number, confirmed: boolean): Checkpoint {
    const bytes = encodeCheckpoint(LAYOUT, thetaWith(value));
    const address = treeAddress(bytes);
    this.blobs.set(address, bytes);
    const named = confirmed ? digestWith(value) : digestWith(-1);
    this.outcomes.set(window, { thetaDigest: named, accepted: [] });
    return { window, address };
  }
}
