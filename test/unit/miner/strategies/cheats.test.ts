/** @file The cheats: each sends what it says, in the protocol's own form, so that a subnet is tested by the gauntlet alone. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { copy } from "../../../../miner/strategies/copy.ts";
import { noise } from "../../../../miner/strategies/noise.ts";
import { encodeWork } from "../../../../miner/strategies/strategy.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { keptOf, type SparseTensor, type SparseUpdate } from "../../../../src/protocol/codec.ts";
import { readUpdate } from "../../../../src/protocol/update.ts";
import type { BlobFinder } from "../../../../src/run/finder.ts";
import type { Follower } from "../../../../src/run/follower.ts";
import type { Run } from "../../../../src/run/run.ts";
import type { ChainRecord, WindowOutcome } from "../../../../src/run/chain-record.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import type { Participant } from "../../../../src/neuron/participant.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";

const LENGTHS = [100, 5000];
const { codec, netuid } = EXAMPLE_MANIFEST;
const LAYOUT = { lengths: LENGTHS, ...codec };
const OWN: Hex = `0x${"01".repeat(32)}`;
const PEER: Hex = `0x${"02".repeat(32)}`;
const BASE: Hex = `0x${"03".repeat(32)}`;

function tensorOf(length: number, offset: number): SparseTensor {
  const indices: number[] = [];
  for (let start = 0; start < length; start += codec.chunk) {
    const size = Math.min(codec.chunk, length - start);
    const kept = keptOf(size, codec.k, codec.chunk);
    const step = Math.floor(size / kept);
    for (let n = 0; n < kept; n++) indices.push(start + n * step + (offset % step));
  }
  const values = Float32Array.from(indices, (index) => (index % 2 === 0 ? 0.25 : -0.25));
  return { indices: Uint32Array.from(indices), values };
}

const updateOf = (offset: number): SparseUpdate =>
  LENGTHS.map((length) => tensorOf(length, offset));

/** A node that is `hotkey` and can see `seen` of the window before. */
function nodeOf(hotkey: Hex, seen: Uint8Array | null): Participant {
  const accepted = [
    { uid: 4, hotkey: OWN, digest: BASE, block: 1 },
    { uid: 5, hotkey: PEER, digest: BASE, block: 1 },
  ];
  return participantOf({
    run: stub<Run>({
      manifest: EXAMPLE_MANIFEST,
      layout: stub<Run["layout"]>({ lengths: LENGTHS }),
      updateLayout: LAYOUT,
      maximumUpdateBytes: 1 << 20,
    }),
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: hotkey }),
    signal: new AbortController().signal,
    follower: stub<Follower>({ expectedHeader: (key) => ({ ...expectedFor(key), window: 7 }) }),
    record: stub<ChainRecord>({ outcome: async () => stub<WindowOutcome>({ accepted }) }),
    finder: stub<BlobFinder>({
      tryFind: async (_address, limits) => {
        assert.equal(limits.owner, PEER, "nobody steals from himself");
        return seen;
      },
    }),
  });
}

const expectedFor = (hotkey: Hex): Parameters<typeof readUpdate>[2] => ({
  genesis: BASE,
  runId: BASE,
  netuid,
  window: 7,
  hotkey,
  baseDigest: BASE,
});

const PEERS = encodeWork(nodeOf(PEER, null), 6, updateOf(3), 1);

test("every cheat is a valid update of its own hotkey for the current window", async () => {
  for (const strategy of [copy, noise]) {
    const work = await strategy(nodeOf(OWN, PEERS.bytes))(7);
    assert.ok(work !== null);
    const reading = readUpdate(work.bytes, LAYOUT, expectedFor(OWN));
    assert.ok(reading.ok, strategy.name);
    assert.equal(work.trainingLoss, null);
  }
});

test("copy sends the peer's values under its own name", async () => {
  const work = await copy(nodeOf(OWN, PEERS.bytes))(7);
  assert.deepEqual(work?.bytes.subarray(170), PEERS.bytes.subarray(170));
  assert.notEqual(work?.digest, PEERS.digest);
});

test("noise has honest counts and magnitudes at other places", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(15), fc.integer({ min: 1, max: 1000 }), async (offset, window) => {
      const { bytes } = encodeWork(nodeOf(PEER, null), 6, updateOf(offset), 1);
      const work = await noise(nodeOf(OWN, bytes))(window);
      for (const [index, tensor] of (work?.update ?? []).entries()) {
        const honest = updateOf(offset)[index];
        assert.deepEqual(tensor.values.map(Math.abs), honest?.values.map(Math.abs));
        assert.equal(tensor.indices.length, honest?.indices.length);
        assert.notDeepEqual(tensor.indices, honest?.indices);
        const sorted = [...new Set(tensor.indices)].toSorted((a, b) => a - b);
        assert.deepEqual([...tensor.indices], sorted, "ascending, each once");
      }
      const again = await noise(nodeOf(OWN, bytes))(window);
      assert.equal(again?.digest, work?.digest, "reproducible");
    }),
    { numRuns: 20 },
  );
});

test("without anything to steal, and in the first window, nothing is sent", async () => {
  for (const strategy of [copy, noise]) {
    assert.equal(await strategy(nodeOf(OWN, null))(7), null);
    assert.equal(await strategy(nodeOf(OWN, PEERS.bytes))(0), null);
  }
});
